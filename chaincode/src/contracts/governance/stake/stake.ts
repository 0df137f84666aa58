import {
    communityIncomeKey,
    epochKey,
    keyName,
    matchedEnergyKey,
    orderKey,
    submissionKey,
    producerConfirmationKey,
    rewardKey,
    seedCommitmentKey,
    seedRevealKey,
    stakeAccountKey,
    stakeBookKey,
    stakeParametersKey,
} from '../../../api/keys';
import { TRANSACTIONS } from '../../../api/transactions';
import { encodeBytes } from '../../../api/wire';
import { memberNamed } from '../../../domain/community/roster';
import { sha256Hex } from '../../../domain/digest';
import { refuse } from '../../../domain/refusals';
import { newAccount } from '../../../domain/stake/account';
import { parametersFlaw } from '../../../domain/stake/parameters';
import { countsFlaw } from '../../../domain/stake/rewards';
import { BaseContract } from '../../base-contract';
import { answer, argumentOf, privateInputs } from '../../inputs';
import type { TransactionContext } from '../../transaction-context';
import { ownCharter, requireLaterDay, requireOperator } from '../charter-store';
import { aftermathOf, resultOf, saveAftermath, saveClosed, saveTerm } from './closing';
import { tokensFor } from './energy';
import { incomeOf } from './income';
import {
    dayOfReading,
    dayOfSlot,
    punished,
    requireDoubleReading,
    requireSilent,
    requireUnrevealed,
} from './misconduct';
import { newEpoch, saveNewEpoch } from './opening';
import { epochOrLatest, participationIn, requireUnconfirmed, rewardsFor, rewardsOf, weightsOf } from './queries';
import { confirmedCounts, rewardingOf, saveRewarding } from './rewarding';
import { requireRevealable, requireTakingCommitments, requireUnlocked, substituted } from './rules';
import {
    accountsOf,
    balanceOf,
    bookOf,
    epochOf,
    later,
    parameterSets,
    parametersFor,
    requireInEpoch,
    requireInsider,
} from './store';
import { requireUnattestedSale } from './unattested';
import { ownRecords, weighedEpoch } from './weighing';

/**
 * Epochs, weights, draws, deposits, penalties and rewards: docs/concepts/stake. What each function refuses, in order of
 * precedence, stands in the catalogue (api/catalogue/stake).
 */
export class StakeContract extends BaseContract {
    constructor() {
        super('governance', 'stake');
    }

    async setParameters(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['stake:setParameters'];
        const parameters = argumentOf(specification, args);
        const charter = await ownCharter(ctx);
        requireOperator(charter, ctx.caller);
        const flaw = parametersFlaw(parameters);
        if (flaw !== undefined) {
            refuse('PARAMETERS_INVALID', flaw);
        }
        requireLaterDay(charter, parameters.fromDay, ctx.now);
        const sets = await parameterSets(ctx);
        const last = sets.at(-1);
        if (last !== undefined && last.fromDay >= parameters.fromDay) {
            refuse('EFFECT_TOO_EARLY', `parameters are on record from ${last.fromDay}`);
        }
        await ctx.ledger.save(stakeParametersKey, { sets: [...sets, parameters].slice(-100) });
        ctx.emit({ type: 'StakeParametersSet', fromDay: parameters.fromDay });
        return answer(specification, { fromDay: parameters.fromDay });
    }

    async openEpoch(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['stake:openEpoch'];
        const { epoch } = argumentOf(specification, args);
        const charter = await ownCharter(ctx);
        if (charter.rules.replayAllowed) {
            requireOperator(charter, ctx.caller);
        }
        requireInsider(charter, ctx.caller);
        const opened = await newEpoch(ctx, charter, epoch);
        await saveNewEpoch(ctx, charter, opened);
        ctx.emit({ type: 'EpochOpened', epoch, energyDay: opened.energyDay, mspIds: opened.members });
        return answer(specification, opened);
    }

    async publishEnergy(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['stake:publishEnergy'];
        const asked = argumentOf(specification, args);
        const { settlement } = privateInputs(specification, ctx.stub.getTransient());
        const charter = await ownCharter(ctx);
        const epoch = await epochOf(ctx, asked.epoch);
        const key = matchedEnergyKey(epoch.epoch, ctx.caller);
        requireInEpoch(epoch, ctx.caller);
        requireTakingCommitments(charter, epoch, ctx.now);
        if ((await ctx.ledger.find(key))?.tokens !== undefined) {
            refuse('ENERGY_EXISTS', `${ctx.caller} in ${epoch.epoch}`);
        }
        const tokens = await tokensFor(ctx, charter, epoch, ctx.caller, settlement);
        await ctx.ledger.save(key, { epoch: epoch.epoch, mspId: ctx.caller, tokens });
        ctx.emit({ type: 'EnergyPublished', epoch: epoch.epoch, mspId: ctx.caller, tokens: tokens.toString() });
        return answer(specification, { tokens });
    }

    async commitSeed(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['stake:commitSeed'];
        const { epoch: asked, commitment } = argumentOf(specification, args);
        const epoch = await epochOf(ctx, asked);
        const key = seedCommitmentKey(epoch.epoch, ctx.caller);
        requireInEpoch(epoch, ctx.caller);
        requireTakingCommitments(await ownCharter(ctx), epoch, ctx.now);
        if ((await ctx.ledger.find(key))?.commitment !== undefined) {
            refuse('COMMITMENT_EXISTS', `${ctx.caller} in ${epoch.epoch}`);
        }
        await ctx.ledger.save(key, { epoch: epoch.epoch, mspId: ctx.caller, commitment });
        ctx.emit({ type: 'SeedCommitted', epoch: epoch.epoch, mspId: ctx.caller });
        return answer(specification, { epoch: epoch.epoch });
    }

    async fixWeights(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['stake:fixWeights'];
        const { epoch: asked } = argumentOf(specification, args);
        const charter = await ownCharter(ctx);
        const epoch = await epochOf(ctx, asked);
        requireInsider(charter, ctx.caller);
        const weighed = await weighedEpoch(ctx, charter, epoch);
        const book = await bookOf(ctx);
        await ctx.ledger.save(epochKey(weighed.epoch), weighed);
        await ctx.ledger.save(stakeBookKey, { ...book, latestWeighed: later(book.latestWeighed, weighed.epoch) });
        const committed = weighed.weights.filter(({ commitment }) => commitment !== null);
        ctx.emit({ type: 'WeightsFixed', epoch: weighed.epoch, mspIds: committed.map(({ mspId }) => mspId) });
        return answer(specification, weighed);
    }

    async revealSeed(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['stake:revealSeed'];
        const { epoch: asked, secret } = argumentOf(specification, args);
        const epoch = await epochOf(ctx, asked);
        requireInEpoch(epoch, ctx.caller);
        await requireRevealable(ctx, await ownCharter(ctx), epoch, secret);
        await ctx.ledger.save(seedRevealKey(epoch.epoch, ctx.caller), {
            epoch: epoch.epoch,
            mspId: ctx.caller,
            secret,
        });
        ctx.emit({ type: 'SeedRevealed', epoch: epoch.epoch, mspId: ctx.caller });
        return answer(specification, { epoch: epoch.epoch });
    }

    async closeEpoch(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['stake:closeEpoch'];
        const { epoch: asked } = argumentOf(specification, args);
        const charter = await ownCharter(ctx);
        const epoch = await epochOf(ctx, asked);
        requireInsider(charter, ctx.caller);
        const result = await resultOf(ctx, charter, epoch);
        const aftermath = aftermathOf(epoch, result, await accountsOf(ctx, epoch.members));
        const book = await bookOf(ctx);
        await saveAftermath(ctx, book, aftermath);
        return answer(specification, await saveClosed(ctx, charter, epoch, result));
    }

    async substitute(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['stake:substitute'];
        const asked = argumentOf(specification, args);
        const charter = await ownCharter(ctx);
        const epoch = await epochOf(ctx, asked.epoch);
        requireInsider(charter, ctx.caller);
        const committee = substituted(charter, epoch, asked.fromDay, ctx.now);
        return answer(specification, await saveTerm(ctx, charter, committee, epoch));
    }

    async deposit(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['stake:deposit'];
        const { mspId, amountNanos } = argumentOf(specification, args);
        const charter = await ownCharter(ctx);
        requireOperator(charter, ctx.caller);
        if (memberNamed(charter.members, mspId) === undefined) {
            refuse('MEMBER_UNKNOWN', mspId);
        }
        const account = (await ctx.ledger.find(stakeAccountKey(mspId))) ?? newAccount(mspId);
        const changed = { ...account, depositNanos: account.depositNanos + amountNanos };
        await ctx.ledger.save(stakeAccountKey(mspId), changed);
        ctx.emit({ type: 'DepositChanged', mspId, depositNanos: changed.depositNanos.toString() });
        return answer(specification, changed);
    }

    async withdraw(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['stake:withdraw'];
        const { amountNanos } = argumentOf(specification, args);
        const charter = await ownCharter(ctx);
        const mspId = ctx.caller;
        if (memberNamed(charter.members, mspId) === undefined) {
            refuse('MEMBER_UNKNOWN', mspId);
        }
        await requireUnlocked(ctx, charter, mspId);
        const account = (await ctx.ledger.find(stakeAccountKey(mspId))) ?? newAccount(mspId);
        if (account.depositNanos < amountNanos) {
            refuse('DEPOSIT_TOO_SMALL', `${account.depositNanos.toString()}, asked for ${amountNanos.toString()}`);
        }
        const changed = { ...account, depositNanos: account.depositNanos - amountNanos };
        await ctx.ledger.save(stakeAccountKey(mspId), changed);
        ctx.emit({ type: 'DepositChanged', mspId, depositNanos: changed.depositNanos.toString() });
        return answer(specification, changed);
    }

    async reportMisconduct(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['stake:reportMisconduct'];
        const evidence = argumentOf(specification, args);
        const { mspId, key, version } = evidence.one;
        const charter = await ownCharter(ctx);
        requireInsider(charter, ctx.caller);
        const member = memberNamed(charter.members, mspId) ?? refuse('MEMBER_UNKNOWN', mspId);
        const { penalties } = await parametersFor(ctx, dayOfReading(charter, evidence.one));
        requireDoubleReading(charter, member, evidence);
        const evidenceHash = sha256Hex(encodeBytes(evidence));
        const charge = { kind: 'doubleReading', subject: `${key}/${version}`, evidenceHash } as const;
        return answer(specification, await punished(ctx, mspId, { ...charge, penalty: penalties.doubleReading }));
    }

    async reportUnrevealed(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['stake:reportUnrevealed'];
        const asked = argumentOf(specification, args);
        const { mspId, slot, id } = asked;
        const charter = await ownCharter(ctx);
        requireInsider(charter, ctx.caller);
        if (memberNamed(charter.members, mspId) === undefined) {
            refuse('MEMBER_UNKNOWN', mspId);
        }
        const day = dayOfSlot(charter, slot);
        const { penalties } = await parametersFor(ctx, day);
        await requireUnrevealed(ctx, charter, { ...asked, day });
        const charge = { kind: 'unrevealedOrder', subject: keyName(orderKey(slot, mspId, id)) } as const;
        return answer(specification, await punished(ctx, mspId, { ...charge, penalty: penalties.unrevealed }));
    }

    async reportSilent(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['stake:reportSilent'];
        const asked = argumentOf(specification, args);
        const { mspId, day } = asked;
        const charter = await ownCharter(ctx);
        requireInsider(charter, ctx.caller);
        if (memberNamed(charter.members, mspId) === undefined) {
            refuse('MEMBER_UNKNOWN', mspId);
        }
        const { penalties } = await parametersFor(ctx, day);
        await requireSilent(ctx, charter, asked);
        const charge = { kind: 'silentAgent', subject: keyName(submissionKey(day, mspId)) } as const;
        return answer(specification, await punished(ctx, mspId, { ...charge, penalty: penalties.missedDuty }));
    }

    async reportUnattestedSale(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['stake:reportUnattestedSale'];
        const { mspId, statement } = argumentOf(specification, args);
        const charter = await ownCharter(ctx);
        requireInsider(charter, ctx.caller);
        const member = memberNamed(charter.members, mspId) ?? refuse('MEMBER_UNKNOWN', mspId);
        const day = await requireUnattestedSale(ctx, charter, member, statement);
        const { penalties } = await parametersFor(ctx, day);
        const evidenceHash = sha256Hex(encodeBytes(statement));
        const charge = { kind: 'unattestedSale', subject: statement.key, evidenceHash } as const;
        return answer(specification, await punished(ctx, mspId, { ...charge, penalty: penalties.unattestedSale }));
    }

    async confirmProducers(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['stake:confirmProducers'];
        const { epoch: asked, counts } = argumentOf(specification, args);
        const epoch = await epochOf(ctx, asked);
        requireInEpoch(epoch, ctx.caller);
        if (epoch.status !== 'closed') {
            refuse('EPOCH_NOT_CLOSED', epoch.epoch);
        }
        await requireUnconfirmed(ctx, epoch.epoch, ctx.caller);
        const flaw = countsFlaw(counts, counts);
        if (flaw !== undefined) {
            refuse('COUNTS_INVALID', flaw);
        }
        const key = producerConfirmationKey(epoch.epoch, ctx.caller);
        await ctx.ledger.save(key, { epoch: epoch.epoch, mspId: ctx.caller, counts });
        ctx.emit({ type: 'ProducersConfirmed', epoch: epoch.epoch, mspId: ctx.caller });
        return answer(specification, { epoch: epoch.epoch });
    }

    async collect(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['stake:collect'];
        const { day } = argumentOf(specification, args);
        const charter = await ownCharter(ctx);
        requireInsider(charter, ctx.caller);
        if ((await ctx.ledger.find(communityIncomeKey(day))) !== undefined) {
            refuse('INCOME_EXISTS', day);
        }
        const amountNanos = await incomeOf(ctx, charter, day);
        const book = await bookOf(ctx);
        const changed = { ...book, incomeNanos: book.incomeNanos + amountNanos };
        await ctx.ledger.save(communityIncomeKey(day), { day, amountNanos });
        await ctx.ledger.save(stakeBookKey, changed);
        ctx.emit({ type: 'IncomeCounted', day });
        return answer(specification, changed);
    }

    async reward(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['stake:reward'];
        const { epoch: asked } = argumentOf(specification, args);
        const charter = await ownCharter(ctx);
        const epoch = await epochOf(ctx, asked);
        requireInsider(charter, ctx.caller);
        if (epoch.status !== 'closed') {
            refuse('EPOCH_NOT_CLOSED', epoch.epoch);
        }
        if ((await ctx.ledger.find(rewardKey(epoch.epoch))) !== undefined) {
            refuse('REWARD_EXISTS', epoch.epoch);
        }
        const confirmations = await ownRecords(ctx, 'producerConfirmation', epoch);
        const confirmed = confirmedCounts(ctx, charter, epoch, confirmations);
        const book = await bookOf(ctx);
        const rewarding = rewardingOf(charter, epoch, book, confirmed, confirmations);
        await saveRewarding(ctx, epoch, book, await accountsOf(ctx, epoch.members), rewarding);
        return answer(specification, rewarding.record);
    }

    async parameters(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['stake:parameters'];
        argumentOf(specification, args);
        return answer(specification, [...(await parameterSets(ctx))]);
    }

    async epoch(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['stake:epoch'];
        return answer(specification, await epochOrLatest(ctx, argumentOf(specification, args).epoch));
    }

    async participation(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['stake:participation'];
        const epoch = await epochOf(ctx, argumentOf(specification, args).epoch);
        return answer(specification, await participationIn(ctx, epoch));
    }

    async seed(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['stake:seed'];
        const { epoch, result } = await epochOf(ctx, argumentOf(specification, args).epoch);
        return answer(specification, { epoch, seed: result?.seed ?? refuse('SEED_NOT_FIXED', epoch) });
    }

    async weights(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['stake:weights'];
        return answer(specification, await weightsOf(ctx, argumentOf(specification, args).epoch));
    }

    async account(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['stake:account'];
        const { mspId } = argumentOf(specification, args);
        if (memberNamed((await ownCharter(ctx)).members, mspId) === undefined) {
            refuse('MEMBER_UNKNOWN', mspId);
        }
        return answer(specification, (await ctx.ledger.find(stakeAccountKey(mspId))) ?? newAccount(mspId));
    }

    async accounts(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['stake:accounts'];
        argumentOf(specification, args);
        return answer(specification, await ctx.ledger.list('stakeAccount'));
    }

    async book(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['stake:book'];
        argumentOf(specification, args);
        const book = await bookOf(ctx);
        return answer(specification, { ...book, balanceNanos: balanceOf(book) });
    }

    async rewards(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['stake:rewards'];
        return answer(specification, await rewardsOf(ctx, argumentOf(specification, args).epoch));
    }

    async ownRewards(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['stake:ownRewards'];
        argumentOf(specification, args);
        return answer(specification, await rewardsFor(ctx, ctx.caller));
    }

    async misconducts(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['stake:misconducts'];
        return answer(specification, await ctx.ledger.list('misconduct', argumentOf(specification, args).mspId));
    }
}
