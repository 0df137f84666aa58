import { z } from 'zod';
import * as record from '../records';
import { OWN_PEER } from './specification';

/** What the market's transactions have in common. */
export const submit = { chaincode: 'market', kind: 'submit', transient: {} } as const;
export const query = { chaincode: 'market', kind: 'evaluate', transient: {}, events: [], endorsers: OWN_PEER } as const;

export const readings = z.array(record.readingRecord).min(1).max(100);
export const orders = z.array(record.orderRecord).max(10_000);
