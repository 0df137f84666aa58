import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { attestedTransactions } from '../../api/attestation';

/** Where the organisation's own service listens: on this machine, and nowhere else. */
export type AttestationPlace =
    | { readonly kind: 'socket'; readonly path: string }
    | { readonly kind: 'loopback'; readonly host: string; readonly port: number; readonly path: string };

/** An organisation's own wish to be asked before its peer endorses. */
export interface Attestation {
    readonly mspId: string;
    readonly place: AttestationPlace;
    readonly transactions: ReadonlySet<string>;
    /** An answer that takes longer is none. */
    readonly limitMs: number;
    /** Whether the service is shown the private inputs that the organisation endorses anyway. */
    readonly privateInputs: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Well below the 30 s that peers give a chaincode, so that it is the chaincode that answers. */
const LONGEST_MS = 10_000;
const DEFAULT_MS = 2_000;

const file = z.strictObject({
    service: z.string(),
    transactions: z.array(z.string()).min(1),
    limitMs: z.int().min(10).max(LONGEST_MS).default(DEFAULT_MS),
    privateInputs: z.boolean().default(false),
});

/**
 * The attestation that an environment asks for, or undefined where it names no file. CHAINCODE_SERVES must then name one
 * organisation: in a process that several share, one's refusal would be everybody's.
 *
 * @throws Error naming what is wrong: a service that was asked for and cannot be is no reason to endorse without it.
 */
export function attestationOf({
    CHAINCODE_ATTESTATION_FILE: path = '',
    CHAINCODE_SERVES: serves = '',
}: Environment): Attestation | undefined {
    if (path === '') {
        return undefined;
    }
    const served = serves.split(',').filter((mspId) => mspId !== '');
    const [mspId] = served;
    if (mspId === undefined || served.length !== 1) {
        throw new Error(
            `${path} asks for attestation, which needs a chaincode service that serves one organisation (CHAINCODE_SERVES), ` +
                `not ${served.length === 0 ? 'nobody in particular' : served.join(', ')}`,
        );
    }
    try {
        return { mspId, ...parsedFile(readFileSync(path, 'utf8'), dirname(path)) };
    } catch (error) {
        throw new Error(`${path}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
}

function parsedFile(text: string, directory: string): Omit<Attestation, 'mspId'> {
    const { service, transactions, limitMs, privateInputs } = file.parse(JSON.parse(text));
    const known = attestedTransactions();
    const unknown = transactions.filter((name) => !known.has(name));
    if (unknown.length > 0) {
        throw new Error(`${unknown.join(', ')} cannot be attested; these can: ${[...known.keys()].join(', ')}`);
    }
    return { place: placeOf(service, directory), transactions: new Set(transactions), limitMs, privateInputs };
}

/** `unix:FILE`, relative to the folder of the configuration, or `http://127.0.0.1:PORT/PATH`. */
function placeOf(service: string, directory: string): AttestationPlace {
    const [, socket] = /^unix:(.+)$/.exec(service) ?? [];
    if (socket !== undefined) {
        return { kind: 'socket', path: resolve(directory, socket) };
    }
    const url = URL.canParse(service) ? new URL(service) : undefined;
    const host = url?.hostname.replace(/^\[|\]$/g, '') ?? '';
    if (url?.protocol !== 'http:' || !isLoopback(host) || url.port === '') {
        throw new Error(`'${service}' is neither unix:FILE nor http://127.0.0.1:PORT/PATH: it must be on this machine`);
    }
    return { kind: 'loopback', host, port: Number(url.port), path: `${url.pathname}${url.search}` };
}

/** An address, not a name: names are looked up, and somebody else answers that. */
const isLoopback = (host: string): boolean => host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
