/** What AWS refused, in words. */
import { oneLine } from './text.ts';

/** Codes under which services refuse a caller (IAM user guide and the services' lists of common errors). */
const DENIED = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'AuthorizationError',
  'AuthorizationErrorException',
  'UnauthorizedOperation',
  'Forbidden',
]);

/** Codes of credentials that are none or no longer any. */
const CREDENTIALS = new Set([
  'CredentialsProviderError',
  'TokenProviderError',
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidClientTokenId',
  'UnrecognizedClientException',
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
]);

const NETWORK = new Set([
  'ENOTFOUND',
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'EAI_AGAIN',
  'TimeoutError',
]);

/** The code of an error: of a service, of the SDK, or of the network. */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'Error';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  const named = 'Code' in error && typeof error.Code === 'string' ? error.Code : undefined;
  // The SDK names an error by its class, and calls one that it does not know `Error` or by its number.
  const generic = error.name === 'Error' || error.name === 'AggregateError' || /^\d+$/.test(error.name);
  return generic ? (code ?? named ?? statusName(error) ?? error.name) : error.name;
}

/** Whether the caller lacks a right. */
export function isDenied(error: unknown): boolean {
  return DENIED.has(codeOf(error));
}

/** Whether no later call can succeed either: credentials or network. */
export function isHopeless(error: unknown): boolean {
  return CREDENTIALS.has(codeOf(error)) || NETWORK.has(codeOf(error));
}

/** An error as one line with what to do, where that is known. */
export function awsErrorText(error: unknown): string {
  const code = codeOf(error);
  const message = oneLine(error instanceof Error ? error.message : String(error));
  const text =
    message === '' || message === code || code === 'Error' ? message || code : `${code}: ${message}`;
  if (CREDENTIALS.has(code))
    return `${text}; sign in, for example with \`aws sso login\`, or set AWS_PROFILE`;
  if (NETWORK.has(code)) return `${text}; check the network, the Region's name and AWS_ENDPOINT_URL`;
  if (isDenied(error))
    return `${text}; attach the operator policy (output \`OperatorPolicyArn\`) to who runs this`;
  return text;
}

/** An answer, or why there is none. */
export type Asked<T> = { readonly answer: T } | { readonly denied: string } | { readonly failed: string };

/** Asks; a refusal is an answer about `action`, an IAM action, and credentials or network end it all. */
export async function ask<T>(action: string, call: () => Promise<T>): Promise<Asked<T>> {
  try {
    return { answer: await call() };
  } catch (error) {
    if (isHopeless(error)) throw error;
    return isDenied(error) ? { denied: action } : { failed: `\`${action}\` failed: ${awsErrorText(error)}` };
  }
}

/** As `ask`, with an answer for errors of these codes: what does not exist is known not to. */
export function askUnless<T>(
  action: string,
  codes: readonly string[],
  otherwise: T,
  call: () => Promise<T>,
): Promise<Asked<T>> {
  return ask(action, async () => {
    try {
      return await call();
    } catch (error) {
      if (codes.includes(codeOf(error))) return otherwise;
      throw error;
    }
  });
}

/** S3 answers a HEAD without a body, so that nothing but the status tells what it was. */
function statusName(error: Error): string | undefined {
  if (!('$metadata' in error) || typeof error.$metadata !== 'object' || error.$metadata === null)
    return undefined;
  const status = 'httpStatusCode' in error.$metadata ? error.$metadata.httpStatusCode : undefined;
  return status === 403 ? 'AccessDenied' : status === 404 ? 'NotFound' : undefined;
}
