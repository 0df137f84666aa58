import type { Group } from '../scenario';
import { chaincode } from './chaincode';
import { lifecycle } from './lifecycle';
import { policies } from './policies';
import { privateData } from './private-data';
import { reads } from './reads';
import { transactions } from './transactions';

/** In the order in which they are played. */
export const SCENARIOS: readonly Group[] = [lifecycle, transactions, ...policies, reads, chaincode, privateData];
