import { bankStatementKey, coverKey, keyName, paymentKey, withdrawalKey } from '../../../api/keys';
import { TRANSACTIONS } from '../../../api/transactions';
import { encodeBytes } from '../../../api/wire';
import { nanos } from '../../../domain/quantity';
import { refuse } from '../../../domain/refusals';
import { bothPolicy, gridOperator } from '../../../ledger/market-policies';
import { bankOf } from '../../bank';
import { BaseContract } from '../../base-contract';
import { findDay } from '../../clock';
import { answer, argumentOf, privateInputs } from '../../inputs';
import type { TransactionContext } from '../../transaction-context';
import { isSigned, memberOf, recordHash, requireGridOperator, requireParty } from '../guards';
import {
    newStatement,
    requireBank,
    requireOpenedWithdrawal,
    requireStatement,
    requireWithdrawal,
    saveStatement,
} from './bank';
import { billToPay } from './bills';
import { collectedPayment, requireNotCollected, saveCollected } from './collecting';
import { coverAmount, coverOf, heldCovers, owedOfDay } from './covering';
import { creditToTake } from './credits';
import { changedAccount, openedAccount, saveAccount } from './opened-account';
import { coversOf, escrowsOf, ownMoney, publicMoney } from './reading';

/** Members' money. What each function refuses, in order of precedence, stands in the catalogue (api/catalogue). */
export class AccountsContract extends BaseContract {
    constructor() {
        super('market', 'accounts');
    }

    async deposit(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['accounts:deposit'];
        const asked = argumentOf(specification, args);
        const { statement } = privateInputs(specification, ctx.stub.getTransient());
        const charter = await ctx.charter();
        requireBank(charter, ctx.caller);
        requireStatement(charter, { ...asked, about: 'deposit' }, statement);
        const marker = await newStatement(ctx, charter, statement);
        await saveStatement(ctx, charter, statement, marker);
        return answer(specification, marker);
    }

    async confirmWithdrawal(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['accounts:confirmWithdrawal'];
        const asked = argumentOf(specification, args);
        const { statement, withdrawal } = privateInputs(specification, ctx.stub.getTransient());
        const charter = await ctx.charter();
        requireBank(charter, ctx.caller);
        requireStatement(charter, { ...asked, about: 'withdrawal' }, statement);
        await requireWithdrawal(ctx, charter, statement, withdrawal);
        const marker = await newStatement(ctx, charter, statement);
        await saveStatement(ctx, charter, statement, marker);
        return answer(specification, marker);
    }

    async takeIn(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['accounts:takeIn'];
        argumentOf(specification, args);
        const { account } = privateInputs(specification, ctx.stub.getTransient());
        const charter = await ctx.charter();
        const changed = changedAccount(charter, await openedAccount(ctx, charter, account));
        await saveAccount(ctx, charter, changed);
        return answer(specification, { version: changed.next.version });
    }

    async withdraw(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['accounts:withdraw'];
        const { id } = argumentOf(specification, args);
        const { account, withdrawal } = privateInputs(specification, ctx.stub.getTransient());
        const mspId = ctx.caller;
        const charter = await ctx.charter();
        const member = memberOf(charter, mspId);
        bankOf(charter);
        const key = withdrawalKey(mspId, id);
        const { amountNanos, version } = withdrawal;
        if (withdrawal.key !== keyName(key) || withdrawal.mspId !== mspId || withdrawal.id !== id || version !== 1) {
            refuse('RECORD_WRONG', keyName(key));
        }
        if (!isSigned(withdrawal, member.ownerKey)) {
            refuse('SIGNATURE_INVALID', keyName(key));
        }
        const answered = bankStatementKey(mspId, 'paidOut', id);
        for (const each of [key, answered]) {
            if ((await ctx.ledger.find(each)) !== undefined) {
                refuse('WITHDRAWAL_EXISTS', keyName(each));
            }
        }
        const opened = await openedAccount(ctx, charter, account);
        const hold = { kind: 'withdrawal' as const, subject: id, amount: nanos(amountNanos) };
        const changed = changedAccount(charter, opened, { kind: 'hold', hold });
        await saveAccount(ctx, charter, changed);
        await ctx.ledger.savePrivate([mspId, gridOperator(charter)], key, encodeBytes(withdrawal));
        const [hash, policy] = [recordHash(withdrawal), bothPolicy(charter, mspId)];
        await ctx.ledger.create(key, { hash, version, mspId, id }, policy);
        // The key of the bank's answer, too: otherwise others could make it, and no answer would ever come.
        await ctx.ledger.create(answered, { hash, version, mspId, kind: 'asked', reference: id }, policy);
        ctx.emit({ type: 'WithdrawalRequested', mspId, id });
        return answer(specification, { version: changed.next.version });
    }

    async tellBank(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['accounts:tellBank'];
        const asked = argumentOf(specification, args);
        const { withdrawal } = privateInputs(specification, ctx.stub.getTransient());
        const charter = await ctx.charter();
        memberOf(charter, asked.mspId);
        requireParty(charter, asked.mspId, ctx.caller);
        const bank = bankOf(charter);
        await requireOpenedWithdrawal(ctx, charter, asked, withdrawal);
        // No public write: the bank's own endorsement is all that its own collection needs.
        await ctx.ledger.savePrivate([bank.mspId], withdrawalKey(asked.mspId, asked.id), encodeBytes(withdrawal));
        return answer(specification, { hash: recordHash(withdrawal) });
    }

    async reserveDay(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['accounts:reserveDay'];
        const { day } = argumentOf(specification, args);
        const { account } = privateInputs(specification, ctx.stub.getTransient());
        const mspId = ctx.caller;
        const charter = await ctx.charter();
        memberOf(charter, mspId);
        const amount = coverAmount(charter, mspId, day);
        const known = await coverOf(ctx, charter, day, mspId);
        if (known?.status === 'held') {
            refuse('HOLD_EXISTS', `${mspId} on ${day}`);
        }
        const opened = await openedAccount(ctx, charter, account);
        const changed = changedAccount(charter, opened, { kind: 'hold', hold: { kind: 'day', subject: day, amount } });
        await saveAccount(ctx, charter, changed);
        const cover = { day, mspId, status: 'held' as const };
        const key = coverKey(day, mspId);
        await (known === undefined
            ? ctx.ledger.create(key, cover, bothPolicy(charter, mspId))
            : ctx.ledger.save(key, cover));
        ctx.emit({ type: 'DayCovered', day, mspId });
        return answer(specification, { version: changed.next.version });
    }

    async releaseDay(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['accounts:releaseDay'];
        const { day } = argumentOf(specification, args);
        const { account, settlement } = privateInputs(specification, ctx.stub.getTransient());
        const mspId = ctx.caller;
        const charter = await ctx.charter();
        memberOf(charter, mspId);
        const local = findDay(charter, day) ?? refuse('DAY_UNKNOWN', day);
        const known = await coverOf(ctx, charter, day, mspId);
        if (known?.status !== 'held') {
            refuse('HOLD_UNKNOWN', `${mspId} on ${day}`);
        }
        await requireNotCollected(ctx, charter, mspId, day);
        const keep = await owedOfDay(ctx, charter, mspId, local, settlement);
        const opened = await openedAccount(ctx, charter, account);
        const hold = { kind: 'day' as const, subject: day };
        const changed = changedAccount(charter, opened, { kind: 'release', hold, keep });
        await saveAccount(ctx, charter, changed);
        await ctx.ledger.save(coverKey(day, mspId), { ...known, status: 'released' });
        ctx.emit({ type: 'CoverReleased', day, mspId });
        return answer(specification, { version: changed.next.version });
    }

    async payBill(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['accounts:payBill'];
        const { from, to } = argumentOf(specification, args);
        const { account, bill } = privateInputs(specification, ctx.stub.getTransient());
        const mspId = ctx.caller;
        const charter = await ctx.charter();
        memberOf(charter, mspId);
        const payable = await billToPay(ctx, charter, { mspId, from, to }, bill);
        const opened = await openedAccount(ctx, charter, account);
        const covers = await heldCovers(ctx, charter, mspId, payable.days);
        const { days, due, payment } = payable;
        const changed = changedAccount(charter, opened, { kind: 'bill', days, due });
        await saveAccount(ctx, charter, changed);
        for (const cover of covers) {
            await ctx.ledger.save(coverKey(cover.day, mspId), { ...cover, status: 'released' });
        }
        const status = payment.status === 'transferred' ? payment.status : 'paid';
        await ctx.ledger.save(paymentKey(payment), { ...payment, status, takenIn: changed.next.version });
        if (status === 'paid') {
            ctx.emit({ type: 'BillPaid', mspId, from, to });
        }
        return answer(specification, { version: changed.next.version });
    }

    async takeCredit(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['accounts:takeCredit'];
        const asked = argumentOf(specification, args);
        const { account, note } = privateInputs(specification, ctx.stub.getTransient());
        const charter = await ctx.charter();
        const { mspId } = memberOf(charter, ctx.caller);
        const { amount, payment } = await creditToTake(ctx, charter, { mspId, ...asked }, note);
        const opened = await openedAccount(ctx, charter, account);
        const changed = changedAccount(charter, opened, { kind: 'bill', days: [], due: nanos(0n - amount) });
        await saveAccount(ctx, charter, changed);
        const { version } = changed.next;
        await ctx.ledger.save(paymentKey(payment), { ...payment, status: 'paid', takenIn: version });
        ctx.emit({ type: 'CreditTaken', mspId, ...asked });
        return answer(specification, { version });
    }

    async collect(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['accounts:collect'];
        const asked = argumentOf(specification, args);
        const given = privateInputs(specification, ctx.stub.getTransient());
        const charter = await ctx.charter();
        memberOf(charter, asked.mspId);
        requireGridOperator(charter, ctx.caller);
        const payment = await collectedPayment(ctx, charter, asked, given);
        await saveCollected(ctx, payment);
        return answer(specification, payment);
    }

    async own(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['accounts:own'];
        const { mspId = ctx.caller } = argumentOf(specification, args);
        const charter = await ctx.charter();
        memberOf(charter, mspId);
        return answer(specification, await ownMoney(ctx, charter, mspId));
    }

    async markers(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['accounts:markers'];
        const { mspId } = argumentOf(specification, args);
        return answer(specification, await publicMoney(ctx, mspId));
    }

    async covers(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['accounts:covers'];
        const { day } = argumentOf(specification, args);
        return answer(specification, await coversOf(ctx, day));
    }

    async coverOf(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['accounts:coverOf'];
        const { mspId, day } = argumentOf(specification, args);
        const charter = await ctx.charter();
        memberOf(charter, mspId);
        return answer(specification, { amountNanos: coverAmount(charter, mspId, day) });
    }

    async escrows(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['accounts:escrows'];
        const { contract } = argumentOf(specification, args);
        return answer(specification, await escrowsOf(ctx, contract));
    }
}
