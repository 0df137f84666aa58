import { disputeKey, keyName, statementKey } from '../../../api/keys';
import type { Charter, DisputeMarker, DisputeRecord } from '../../../api/records';
import { TRANSACTIONS } from '../../../api/transactions';
import { encodeBytes } from '../../../api/wire';
import { nextStatus } from '../../../domain/disputes/dispute';
import { compareStrings } from '../../../domain/quantity';
import { refuse } from '../../../domain/refusals';
import { slotAt } from '../../../domain/slot';
import { gridOperator, partiesPolicy } from '../../../ledger/market-policies';
import { BaseContract } from '../../base-contract';
import { answer, argumentOf, privateInputs } from '../../inputs';
import type { TransactionContext } from '../../transaction-context';
import { isSigned, memberOf, recordHash, requireGridOperator, requireParty } from '../guards';
import { disputedHash, disputeOf, disputePolicy } from './disputed';

/** Disputes over a household's private records. What each function refuses, in order of precedence, stands in the catalogue. */
export class DisputesContract extends BaseContract {
    constructor() {
        super('market', 'disputes');
    }

    async open(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['disputes:open'];
        const { mspId, id, about, evidence } = argumentOf(specification, args);
        const { statement } = privateInputs(specification, ctx.stub.getTransient());
        const charter = await ctx.charter();
        requireOwner(ctx, mspId);
        const member = memberOf(charter, mspId);
        requireStatement(statement, { mspId, id, by: 'member', evidence, version: 1 }, member.ownerKey);
        const disputed = (await disputedHash(ctx, charter, mspId, about)) ?? refuse('NOT_FOUND', about.kind);
        if ((await ctx.ledger.find(disputeKey(mspId, id))) !== undefined) {
            refuse('DISPUTE_EXISTS', keyName(disputeKey(mspId, id)));
        }
        const slot = slotAt(ctx.now);
        const marker: DisputeMarker = {
            mspId,
            id,
            about,
            statements: 1,
            disputed,
            evidence,
            status: 'opened',
            slot,
            charterVersion: charter.version,
        };
        const policy = partiesPolicy(charter, mspId, slot);
        await saveStatement(ctx, charter, statement, policy);
        await ctx.ledger.create(disputeKey(mspId, id), marker, policy);
        ctx.emit({ type: 'DisputeChanged', mspId, id, status: marker.status });
        return answer(specification, { hash: recordHash(statement) });
    }

    async answer(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['disputes:answer'];
        const { mspId, id, evidence } = argumentOf(specification, args);
        const { statement } = privateInputs(specification, ctx.stub.getTransient());
        const charter = await ctx.charter();
        requireGridOperator(charter, ctx.caller);
        const dispute = await disputeOf(ctx, charter, mspId, id);
        const status = nextStatus(dispute.status, 'answer');
        const statements = dispute.statements + 1;
        requireStatement(statement, { mspId, id, by: 'operator', evidence, version: statements }, charter.operatorKey);
        await saveStatement(ctx, charter, statement, disputePolicy(charter, dispute));
        await ctx.ledger.save(disputeKey(mspId, id), { ...dispute, status, statements });
        ctx.emit({ type: 'DisputeChanged', mspId, id, status });
        return answer(specification, { hash: recordHash(statement) });
    }

    async resolve(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['disputes:resolve'];
        const { mspId, id, upheld } = argumentOf(specification, args);
        const charter = await ctx.charter();
        requireGridOperator(charter, ctx.caller);
        const dispute = await disputeOf(ctx, charter, mspId, id);
        const status = nextStatus(dispute.status, upheld ? 'uphold' : 'reject');
        await ctx.ledger.save(disputeKey(mspId, id), { ...dispute, status });
        ctx.emit({ type: 'DisputeChanged', mspId, id, status });
        return answer(specification, { status });
    }

    async withdraw(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['disputes:withdraw'];
        const { mspId, id } = argumentOf(specification, args);
        const charter = await ctx.charter();
        requireOwner(ctx, mspId);
        const dispute = await disputeOf(ctx, charter, mspId, id);
        const status = nextStatus(dispute.status, 'withdraw');
        await ctx.ledger.save(disputeKey(mspId, id), { ...dispute, status });
        ctx.emit({ type: 'DisputeChanged', mspId, id, status });
        return answer(specification, { status });
    }

    async list(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['disputes:list'];
        const { mspId } = argumentOf(specification, args);
        return answer(specification, await ctx.ledger.list('dispute', ...(mspId === undefined ? [] : [mspId])));
    }

    async own(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['disputes:own'];
        const { mspId, id } = argumentOf(specification, args);
        requireParty(await ctx.charter(), mspId, ctx.caller);
        const statements = await ctx.ledger.listPrivate(ctx.caller, 'statement', mspId, id);
        return answer(
            specification,
            statements.sort((one, other) => compareStrings(one.key, other.key)),
        );
    }
}

/** Refuses FORBIDDEN. */
function requireOwner(ctx: TransactionContext, mspId: string): void {
    if (ctx.caller !== mspId) {
        refuse('FORBIDDEN', `${ctx.caller} does not speak for ${mspId}`);
    }
}

type Said = Pick<DisputeRecord, 'mspId' | 'id' | 'by' | 'evidence' | 'version'>;

/** The private statement is the one that the argument announces, signed by who makes it. Refuses RECORD_WRONG, SIGNATURE_INVALID. */
function requireStatement(statement: DisputeRecord, said: Said, key: string): void {
    const name = keyName(statementKey(said.mspId, said.id, said.version));
    const agrees =
        statement.key === name &&
        statement.mspId === said.mspId &&
        statement.id === said.id &&
        statement.by === said.by &&
        statement.version === said.version &&
        statement.evidence.join() === said.evidence.join();
    if (!agrees) {
        refuse('RECORD_WRONG', name);
    }
    if (!isSigned(statement, key)) {
        refuse('SIGNATURE_INVALID', name);
    }
}

async function saveStatement(
    ctx: TransactionContext,
    charter: Charter,
    statement: DisputeRecord,
    policy: Uint8Array,
): Promise<void> {
    const { mspId, id, version } = statement;
    const key = statementKey(mspId, id, version);
    await ctx.ledger.savePrivate([mspId, gridOperator(charter)], key, encodeBytes(statement));
    await ctx.ledger.create(key, { hash: recordHash(statement), version, mspId, id }, policy);
}
