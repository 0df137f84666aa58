import type { z } from 'zod';
import { GOVERNANCE_TRANSACTIONS } from './catalogue/governance';
import { STAKE_TRANSACTIONS } from './catalogue/stake';
import { ACCOUNTS_TRANSACTIONS } from './catalogue/accounts';
import { AUCTION_TRANSACTIONS } from './catalogue/auction';
import { BILLING_TRANSACTIONS } from './catalogue/billing';
import { CORRECTION_TRANSACTIONS } from './catalogue/corrections';
import { DISPUTE_TRANSACTIONS } from './catalogue/disputes';
import { FEEDER_TRANSACTIONS } from './catalogue/feeder';
import { CONTRACT_TRANSACTIONS } from './catalogue/contracts';
import { INVOICING_TRANSACTIONS } from './catalogue/invoicing';
import { METERING_TRANSACTIONS } from './catalogue/metering';
import { RETENTION_TRANSACTIONS } from './catalogue/retention';
import { SCHEDULE_TRANSACTIONS } from './catalogue/schedule';
import { RECOVERY_TRANSACTIONS } from './catalogue/recovery';

/** Every transaction and query of both chaincodes, by name. */
export const TRANSACTIONS = {
    ...GOVERNANCE_TRANSACTIONS,
    ...STAKE_TRANSACTIONS,
    ...METERING_TRANSACTIONS,
    ...AUCTION_TRANSACTIONS,
    ...BILLING_TRANSACTIONS,
    ...INVOICING_TRANSACTIONS,
    ...CORRECTION_TRANSACTIONS,
    ...FEEDER_TRANSACTIONS,
    ...DISPUTE_TRANSACTIONS,
    ...ACCOUNTS_TRANSACTIONS,
    ...CONTRACT_TRANSACTIONS,
    ...RECOVERY_TRANSACTIONS,
    ...SCHEDULE_TRANSACTIONS,
    ...RETENTION_TRANSACTIONS,
} as const;

export type TransactionName = keyof typeof TRANSACTIONS;
type Catalogue = typeof TRANSACTIONS;

/** The argument as code sees it (bigints); `encode` puts it on the wire. */
export type ArgsOf<N extends TransactionName> = z.output<Catalogue[N]['args']>;
export type ResponseOf<N extends TransactionName> = z.output<Catalogue[N]['response']>;
export type TransientOf<N extends TransactionName> = {
    readonly [F in keyof Catalogue[N]['transient']]: Catalogue[N]['transient'][F] extends z.ZodType
        ? z.output<Catalogue[N]['transient'][F]>
        : never;
};
export type SubmitName = { [N in TransactionName]: Catalogue[N]['kind'] extends 'submit' ? N : never }[TransactionName];
export type QueryName = Exclude<TransactionName, SubmitName>;

export type { ChaincodeName, Specification } from './catalogue/specification';
