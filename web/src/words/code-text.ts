import type { Key, Translate } from './translate';

/** What peers say of a transaction, Fabric's names to words. Those that a market's transactions can get. */
const CODES = {
    VALID: 'code.VALID',
    BAD_PAYLOAD: 'code.BAD_PAYLOAD',
    BAD_CREATOR_SIGNATURE: 'code.BAD_CREATOR_SIGNATURE',
    INVALID_ENDORSER_TRANSACTION: 'code.INVALID_ENDORSER_TRANSACTION',
    INVALID_CONFIG_TRANSACTION: 'code.INVALID_CONFIG_TRANSACTION',
    BAD_PROPOSAL_TXID: 'code.BAD_PROPOSAL_TXID',
    DUPLICATE_TXID: 'code.DUPLICATE_TXID',
    ENDORSEMENT_POLICY_FAILURE: 'code.ENDORSEMENT_POLICY_FAILURE',
    MVCC_READ_CONFLICT: 'code.MVCC_READ_CONFLICT',
    PHANTOM_READ_CONFLICT: 'code.PHANTOM_READ_CONFLICT',
    EXPIRED_CHAINCODE: 'code.EXPIRED_CHAINCODE',
    BAD_RWSET: 'code.BAD_RWSET',
    ILLEGAL_WRITESET: 'code.ILLEGAL_WRITESET',
    INVALID_CHAINCODE: 'code.INVALID_CHAINCODE',
    NOT_VALIDATED: 'code.NOT_VALIDATED',
} as const satisfies Readonly<Record<string, Key>>;

/** The name stands behind the words: whoever searches for it finds it. */
export function codeText(code: string, t: Translate): string {
    const text = code in CODES ? t(CODES[code as keyof typeof CODES]) : t('code.other');
    return code === 'VALID' ? text : `${text} (${code})`;
}
