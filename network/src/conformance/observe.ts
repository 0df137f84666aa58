import { common, peer } from '@hyperledger/fabric-protos';
import { METADATA, encodeBlock, validationFlags } from '../fabric/blocks';
import { decodeRwSet } from '../fabric/rwset';
import { isRefused, type Answered } from './stage/peer-under-test';
import type { BroadcastAnswer } from './stage/orderers';
import type { BroadcastExpected, CodeName, Expected } from './scenario';

const CODE_NAMES = new Map(Object.entries(peer.TxValidationCode).map(([name, code]) => [code as number, name]));
const LONGEST_TEXT = 400;

export const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
const hex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('hex');

/** What is compared between the twins, part by part; equal texts are equal bytes. */
export type Parts = Readonly<Record<string, string>>;

export function codesOf(block: common.Block): readonly string[] {
    return [...(validationFlags(block) ?? [])].map((code) => CODE_NAMES.get(code) ?? String(code));
}

/** A committed block: all its bytes, and by themselves what the peer added to them. */
export function blockParts(block: common.Block): Parts {
    const metadata = block.getMetadata()?.getMetadataList_asU8() ?? [];
    return {
        'validation codes': codesOf(block).join(' '),
        'commit hash': hex(metadata[METADATA.COMMIT_HASH]),
        'block bytes': hex(encodeBlock(block)),
    };
}

export function codesFailure(block: common.Block, expected: readonly CodeName[]): string | undefined {
    const codes = codesOf(block).join(' ');
    return codes === expected.join(' ') ? undefined : `codes ${codes} instead of ${expected.join(' ')}`;
}

/** An answer to a proposal: what the client is told, and what the endorser signed. */
export function answerParts(answer: Answered): Parts {
    if (isRefused(answer)) return { refused: answer.refused, message: answer.details };
    const response = answer.getResponse() ?? new peer.Response();
    return {
        status: String(response.getStatus()),
        message: response.getMessage(),
        payload: hex(response.getPayload_asU8()),
        'read-write set': rwSetText(answer.getPayload_asU8()),
        'endorsed bytes': hex(answer.getPayload_asU8()),
        endorser: hex(answer.getEndorsement()?.getEndorser_asU8()),
    };
}

/** The payload as a message whose maps have no order: Go gives them at random. */
export function readPayload(answer: Answered, read: ((payload: Uint8Array) => unknown) | undefined): Parts {
    if (read === undefined || isRefused(answer)) return {};
    const content = inOrder(read(answer.getResponse()?.getPayload_asU8() ?? new Uint8Array()));
    return {
        payload: JSON.stringify(content),
        'endorsed bytes': '',
        'read-write set': rwSetText(answer.getPayload_asU8()),
    };
}

function inOrder(value: unknown): unknown {
    if (Array.isArray(value)) {
        return value.map(inOrder).toSorted((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1));
    }
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, inOrder(part)]));
}

/** What a person can read of an endorsed payload. */
function rwSetText(payload: Uint8Array): string {
    try {
        const extension = peer.ProposalResponsePayload.deserializeBinary(payload).getExtension_asU8();
        const set = decodeRwSet(peer.ChaincodeAction.deserializeBinary(extension).getResults_asU8());
        return JSON.stringify(set, (_, value: unknown) => (value instanceof Uint8Array ? hex(value) : value));
    } catch {
        return '';
    }
}

export function answerFailure(answer: Answered, expected: Expected): string | undefined {
    if (isRefused(answer)) {
        return mismatch(
            { refused: answer.refused, message: answer.details },
            { refused: expected.refused ?? 'an answer', message: expected.message ?? '' },
        );
    }
    const response = answer.getResponse() ?? new peer.Response();
    return mismatch(
        {
            refused: '',
            status: String(response.getStatus()),
            message: response.getMessage(),
            payload: text(response.getPayload_asU8()),
        },
        {
            refused: expected.refused ?? '',
            status: String(expected.status ?? ''),
            message: expected.message ?? '',
            payload: expected.payload ?? '',
        },
    );
}

export function broadcastFailure(answer: BroadcastAnswer, expected: BroadcastExpected): string | undefined {
    return mismatch(
        { status: answer.status, message: answer.info },
        { status: expected.status, message: expected.message ?? '' },
    );
}

/** The first part that is not, or does not hold, what is expected of it. */
function mismatch(seen: Parts, expected: Parts): string | undefined {
    const isMet = (name: string, wanted: string): boolean => {
        const found = seen[name] ?? '';
        return name === 'refused' || name === 'status'
            ? found === wanted || (wanted === '' && name === 'status')
            : found.includes(wanted);
    };
    for (const [name, wanted] of Object.entries(expected)) {
        if (!isMet(name, wanted)) {
            const said = Object.values(seen).filter(Boolean).join(': ').slice(0, LONGEST_TEXT);
            return `${name} is not '${wanted}': ${said}`;
        }
    }
    return undefined;
}
