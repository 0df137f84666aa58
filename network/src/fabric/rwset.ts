/** Read-write sets: what a transaction read and wants to write. */
export type * from './rwsets/model';
export { compareKeys, encodePrivateCollection, encodePvtRwSet, encodeRwSet } from './rwsets/encode';
export { decodePrivateCollection, decodePvtRwSet, decodeRwSet } from './rwsets/decode';
