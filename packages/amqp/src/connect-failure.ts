/** Says of a connect that failed what is wrong, where the words of the protocol do not. */
import type { AmqpAddress } from './amqp-connection.ts';

/** The error itself where it says enough; else one with it as its cause. */
export function connectFailure(error: unknown, address: AmqpAddress): unknown {
  const trouble = error instanceof Error ? troubleOf(error, address) : undefined;
  return trouble === undefined ? error : new Error(trouble, { cause: error });
}

/** amqplib and OpenSSL tell these by their texts alone. */
function troubleOf(error: Error, { virtualHost, username, tls }: AmqpAddress): string | undefined {
  if (error.message.includes('ACCESS_REFUSED - Login')) {
    return `the broker refuses the user ${username} with the password that is set (ACCESS_REFUSED)`;
  }
  if (/^Expected ConnectionOpenOk; got <ConnectionClose/.test(error.message)) {
    return `there is no virtual host ${virtualHost}, the user ${username} may not use it, or it takes no more connections`;
  }
  if (error.message.includes('closed abruptly during opening handshake')) {
    return `what listens there does not speak AMQP${tls ? '' : ', or speaks it over TLS (amqps)'}`;
  }
  if (error.message.includes('wrong version number')) return 'what listens there does not speak TLS (amqps)';
  return undefined;
}
