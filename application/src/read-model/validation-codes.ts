/**
 * Why Fabric's peers take a transaction or do not, in words. Imports nothing, so that pages may have it. The words are English; a catalogue in another
 * language has the same keys.
 */
export interface ValidationWords {
    /** What became of the transaction. */
    readonly meaning: string;
    /** What its sender can do; empty where there is nothing to do. */
    readonly advice: string;
}

/** Fabric's codes by their numbers in a block's metadata (`TxValidationCode`). */
export const VALIDATION_CODES = {
    0: 'VALID',
    1: 'NIL_ENVELOPE',
    2: 'BAD_PAYLOAD',
    3: 'BAD_COMMON_HEADER',
    4: 'BAD_CREATOR_SIGNATURE',
    5: 'INVALID_ENDORSER_TRANSACTION',
    6: 'INVALID_CONFIG_TRANSACTION',
    7: 'UNSUPPORTED_TX_PAYLOAD',
    8: 'BAD_PROPOSAL_TXID',
    9: 'DUPLICATE_TXID',
    10: 'ENDORSEMENT_POLICY_FAILURE',
    11: 'MVCC_READ_CONFLICT',
    12: 'PHANTOM_READ_CONFLICT',
    13: 'UNKNOWN_TX_TYPE',
    14: 'TARGET_CHAIN_NOT_FOUND',
    15: 'MARSHAL_TX_ERROR',
    16: 'NIL_TXACTION',
    17: 'EXPIRED_CHAINCODE',
    18: 'CHAINCODE_VERSION_CONFLICT',
    19: 'BAD_HEADER_EXTENSION',
    20: 'BAD_CHANNEL_HEADER',
    21: 'BAD_RESPONSE_PAYLOAD',
    22: 'BAD_RWSET',
    23: 'ILLEGAL_WRITESET',
    24: 'INVALID_WRITESET',
    25: 'INVALID_CHAINCODE',
    254: 'NOT_VALIDATED',
    255: 'INVALID_OTHER_REASON',
} as const satisfies Record<number, string>;

/** The key under which a catalogue has the words. */
export type ValidationCode = (typeof VALIDATION_CODES)[keyof typeof VALIDATION_CODES] | 'UNKNOWN';

const AGAIN = 'Nothing was written. Submit it again: the agent does so by itself.';
const CLIENT =
    'Nothing was written. The program that made it does not follow the protocol: mend it, nothing else helps.';
const CONFIGURED =
    'Nothing was written. Compare the chaincode that the endorsers run with the definition of the channel.';

export const VALIDATION_WORDS: Readonly<Record<ValidationCode, ValidationWords>> = {
    VALID: { meaning: 'It was accepted, and what it writes stands.', advice: '' },
    NIL_ENVELOPE: { meaning: 'There was nothing in the envelope.', advice: CLIENT },
    BAD_PAYLOAD: { meaning: 'What the envelope holds cannot be read.', advice: CLIENT },
    BAD_COMMON_HEADER: { meaning: 'Its headers are missing or cannot be read.', advice: CLIENT },
    BAD_CREATOR_SIGNATURE: {
        meaning: 'Its sender is no member of the channel, or the signature is not the sender’s.',
        advice: 'Nothing was written. Look whether the certificate has expired or was revoked, and whether the key belongs to it.',
    },
    INVALID_ENDORSER_TRANSACTION: {
        meaning: 'It is not formed as a transaction of a chaincode has to be.',
        advice: CLIENT,
    },
    INVALID_CONFIG_TRANSACTION: {
        meaning: 'It was to change the channel’s configuration and does not do so correctly.',
        advice: 'Nothing was changed. Make the update anew from the newest configuration.',
    },
    UNSUPPORTED_TX_PAYLOAD: { meaning: 'It is of a kind that peers do not take.', advice: CLIENT },
    BAD_PROPOSAL_TXID: { meaning: 'Its id is not made from its nonce and its sender.', advice: CLIENT },
    DUPLICATE_TXID: {
        meaning: 'The same transaction was there before: it counts once.',
        advice: 'Nothing is to be done: what became of the first stands under the same id.',
    },
    ENDORSEMENT_POLICY_FAILURE: {
        meaning: 'Not all of those signed who have to for what it writes.',
        advice: 'Nothing was written. Have it endorsed by all parties of the record; after members or seats changed, ask who they are now.',
    },
    MVCC_READ_CONFLICT: {
        meaning: 'Something it had read was changed by another transaction before its turn came.',
        advice: AGAIN,
    },
    PHANTOM_READ_CONFLICT: {
        meaning: 'A list it had read was another one when its turn came.',
        advice: AGAIN,
    },
    UNKNOWN_TX_TYPE: { meaning: 'It is of a kind that peers do not know.', advice: CLIENT },
    TARGET_CHAIN_NOT_FOUND: {
        meaning: 'It was made for another channel.',
        advice: 'Nothing was written. Correct the name of the channel in the client’s settings.',
    },
    MARSHAL_TX_ERROR: { meaning: 'It could not be put into bytes again as it came.', advice: CLIENT },
    NIL_TXACTION: { meaning: 'It says of nothing what is to be done.', advice: CLIENT },
    EXPIRED_CHAINCODE: {
        meaning: 'Its endorsers ran a definition of the chaincode that no longer holds.',
        advice: 'Nothing was written. Have it endorsed again: the peers run the new one.',
    },
    CHAINCODE_VERSION_CONFLICT: {
        meaning: 'Its endorsers ran another version of the chaincode than the channel has agreed on.',
        advice: CONFIGURED,
    },
    BAD_HEADER_EXTENSION: {
        meaning: 'The part of its header that names the chaincode cannot be read.',
        advice: CLIENT,
    },
    BAD_CHANNEL_HEADER: { meaning: 'The part of its header that names the channel is wrong.', advice: CLIENT },
    BAD_RESPONSE_PAYLOAD: { meaning: 'What its endorsers answered cannot be read.', advice: CONFIGURED },
    BAD_RWSET: { meaning: 'What it reads and writes cannot be read.', advice: CONFIGURED },
    ILLEGAL_WRITESET: { meaning: 'It writes where transactions may not write.', advice: CONFIGURED },
    INVALID_WRITESET: {
        meaning: 'It writes under a name that peers do not take.',
        advice: CONFIGURED,
    },
    INVALID_CHAINCODE: { meaning: 'It names a chaincode that is not on the channel.', advice: CONFIGURED },
    NOT_VALIDATED: {
        meaning: 'The peer has not said what became of it.',
        advice: 'Ask again when the peer has caught up.',
    },
    INVALID_OTHER_REASON: {
        meaning: 'It was refused for a reason that Fabric has no code for.',
        advice: 'Nothing was written. The log of a peer says why.',
    },
    UNKNOWN: {
        meaning: 'It was refused with a code that this version does not know.',
        advice: 'Nothing was written. Look the number up in the documentation of the peers’ version.',
    },
};

export function validationCode(code: number): ValidationCode {
    const known: Readonly<Record<number, ValidationCode>> = VALIDATION_CODES;
    return known[code] ?? 'UNKNOWN';
}
