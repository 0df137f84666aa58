import { TRANSACTIONS } from '../../api/transactions';
import { BaseContract } from '../base-contract';
import { argumentOf } from '../inputs';
import type { TransactionContext } from '../transaction-context';

/** Epochs, weights, draws, deposits, penalties and rewards. */
export class StakeContract extends BaseContract {
    constructor() {
        super('governance', 'stake');
    }

    async setParameters(ctx: TransactionContext, ...args: string[]): Promise<string> {
        argumentOf(TRANSACTIONS['stake:setParameters'], args);
        return pending(ctx);
    }

    async openEpoch(ctx: TransactionContext, ...args: string[]): Promise<string> {
        argumentOf(TRANSACTIONS['stake:openEpoch'], args);
        return pending(ctx);
    }

    async publishEnergy(ctx: TransactionContext, ...args: string[]): Promise<string> {
        argumentOf(TRANSACTIONS['stake:publishEnergy'], args);
        return pending(ctx);
    }

    async commitSeed(ctx: TransactionContext, ...args: string[]): Promise<string> {
        argumentOf(TRANSACTIONS['stake:commitSeed'], args);
        return pending(ctx);
    }

    async fixWeights(ctx: TransactionContext, ...args: string[]): Promise<string> {
        argumentOf(TRANSACTIONS['stake:fixWeights'], args);
        return pending(ctx);
    }

    async revealSeed(ctx: TransactionContext, ...args: string[]): Promise<string> {
        argumentOf(TRANSACTIONS['stake:revealSeed'], args);
        return pending(ctx);
    }

    async closeEpoch(ctx: TransactionContext, ...args: string[]): Promise<string> {
        argumentOf(TRANSACTIONS['stake:closeEpoch'], args);
        return pending(ctx);
    }

    async substitute(ctx: TransactionContext, ...args: string[]): Promise<string> {
        argumentOf(TRANSACTIONS['stake:substitute'], args);
        return pending(ctx);
    }

    async deposit(ctx: TransactionContext, ...args: string[]): Promise<string> {
        argumentOf(TRANSACTIONS['stake:deposit'], args);
        return pending(ctx);
    }

    async withdraw(ctx: TransactionContext, ...args: string[]): Promise<string> {
        argumentOf(TRANSACTIONS['stake:withdraw'], args);
        return pending(ctx);
    }

    async reportMisconduct(ctx: TransactionContext, ...args: string[]): Promise<string> {
        argumentOf(TRANSACTIONS['stake:reportMisconduct'], args);
        return pending(ctx);
    }

    async confirmProducers(ctx: TransactionContext, ...args: string[]): Promise<string> {
        argumentOf(TRANSACTIONS['stake:confirmProducers'], args);
        return pending(ctx);
    }

    async collect(ctx: TransactionContext, ...args: string[]): Promise<string> {
        argumentOf(TRANSACTIONS['stake:collect'], args);
        return pending(ctx);
    }

    async reward(ctx: TransactionContext, ...args: string[]): Promise<string> {
        argumentOf(TRANSACTIONS['stake:reward'], args);
        return pending(ctx);
    }

    async parameters(ctx: TransactionContext, ...args: string[]): Promise<string> {
        argumentOf(TRANSACTIONS['stake:parameters'], args);
        return pending(ctx);
    }

    async epoch(ctx: TransactionContext, ...args: string[]): Promise<string> {
        argumentOf(TRANSACTIONS['stake:epoch'], args);
        return pending(ctx);
    }

    async participation(ctx: TransactionContext, ...args: string[]): Promise<string> {
        argumentOf(TRANSACTIONS['stake:participation'], args);
        return pending(ctx);
    }

    async seed(ctx: TransactionContext, ...args: string[]): Promise<string> {
        argumentOf(TRANSACTIONS['stake:seed'], args);
        return pending(ctx);
    }

    async weights(ctx: TransactionContext, ...args: string[]): Promise<string> {
        argumentOf(TRANSACTIONS['stake:weights'], args);
        return pending(ctx);
    }

    async account(ctx: TransactionContext, ...args: string[]): Promise<string> {
        argumentOf(TRANSACTIONS['stake:account'], args);
        return pending(ctx);
    }

    async accounts(ctx: TransactionContext, ...args: string[]): Promise<string> {
        argumentOf(TRANSACTIONS['stake:accounts'], args);
        return pending(ctx);
    }

    async book(ctx: TransactionContext, ...args: string[]): Promise<string> {
        argumentOf(TRANSACTIONS['stake:book'], args);
        return pending(ctx);
    }

    async rewards(ctx: TransactionContext, ...args: string[]): Promise<string> {
        argumentOf(TRANSACTIONS['stake:rewards'], args);
        return pending(ctx);
    }

    async ownRewards(ctx: TransactionContext, ...args: string[]): Promise<string> {
        argumentOf(TRANSACTIONS['stake:ownRewards'], args);
        return pending(ctx);
    }

    async misconducts(ctx: TransactionContext, ...args: string[]): Promise<string> {
        argumentOf(TRANSACTIONS['stake:misconducts'], args);
        return pending(ctx);
    }
}

const pending = (ctx: TransactionContext): Promise<string> =>
    Promise.reject(new Error(`stake is being built, asked for by ${ctx.caller}`));
