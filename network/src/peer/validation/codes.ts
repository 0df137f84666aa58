import { peer } from '@hyperledger/fabric-protos';

export const CODE = peer.TxValidationCode;
/** A transaction's validation code. */
export type Code = peer.TxValidationCodeMap[keyof peer.TxValidationCodeMap];
