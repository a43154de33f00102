/** What became of one definition of an imported file. */

export interface ImportedItem {
  readonly kind: 'schema' | 'exchange' | 'queue' | 'binding';
  readonly name: string;
  readonly outcome: 'created' | 'updated' | 'unchanged' | 'refused';
  /** Versions that were registered; only of schemas. */
  readonly addedVersions?: number;
  /** The versions of the file have other numbers now; only of schemas. */
  readonly renumbered?: boolean;
  /** Why it was refused. */
  readonly problem?: string;
}
