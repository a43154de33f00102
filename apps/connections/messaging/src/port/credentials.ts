/** The port for credentials of the broker that are lent to one caller for a time. No driver declares it yet. */

export interface CredentialLease {
  readonly id: string;
  readonly username: string;
  /** Told once. */
  readonly password: string;
  /** Epoch milliseconds; afterwards connections that use it are closed. */
  readonly expiresAt: number;
}

/** What the holder may do, in one namespace: nothing that is not listed. */
export interface LeasedRights {
  readonly publishTo: readonly string[];
  readonly consumeFrom: readonly string[];
}

export interface Credentials {
  lease(
    namespace: string,
    rights: LeasedRights,
    terms: { readonly holder: string; readonly ttlMs: number },
    signal: AbortSignal,
  ): Promise<CredentialLease>;
  /** Resolves with the new expiry; undefined when the lease has ended. */
  renew(id: string, ttlMs: number, signal: AbortSignal): Promise<number | undefined>;
  /** Ends it with the connections that use it. False when it had ended. */
  revoke(id: string, signal: AbortSignal): Promise<boolean>;
}
