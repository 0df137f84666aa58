import { charterKey } from '../../api/keys';
import type { Charter } from '../../api/records';
import { TRANSACTIONS, type ArgsOf } from '../../api/transactions';
import { memberNamed, withChange, type Status } from '../../domain/community/roster';
import { withReplacement } from '../../domain/metering/meters';
import { isVerificationKey } from '../../domain/digest';
import { compareStrings } from '../../domain/quantity';
import { refuse } from '../../domain/refusals';
import { clockFlaw } from '../../domain/slot';
import { withFormerBank } from '../bank';
import { BaseContract } from '../base-contract';
import { clockOf } from '../clock';
import { answer, argumentOf, privateInputs } from '../inputs';
import type { TransactionContext } from '../transaction-context';
import { admitted } from './admission';
import { ownCharter, recordedNow, requireLaterDay, requireOperator, saveChanged } from './charter-store';

/** Who belongs to the community, and which organisation has which role. */
export class CommunityContract extends BaseContract {
    constructor() {
        super('governance', 'community');
    }

    async establish(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['community:establish'];
        const founding = argumentOf(specification, args);
        if ((await ctx.ledger.find(charterKey)) !== undefined) {
            refuse('ALREADY_ESTABLISHED', founding.name);
        }
        requireFounding(founding, ctx.caller);
        await ctx.ledger.save(charterKey, { ...founding, version: 1, members: {}, terms: [], committees: [] });
        ctx.emit({ type: 'CommunityEstablished', name: founding.name });
        return answer(specification, { version: 1 });
    }

    async admit(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['community:admit'];
        const { applications } = argumentOf(specification, args);
        const own = privateInputs(specification, ctx.stub.getTransient());
        const charter = await ownCharter(ctx);
        requireOperator(charter, ctx.caller);
        const members = admitted(charter, applications, own.applications, ctx.now);
        const joined = Object.fromEntries(members.map((member) => [member.mspId, member]));
        const changed = await saveChanged(ctx, { ...charter, members: { ...charter.members, ...joined } });
        ctx.emit({ type: 'MembersAdmitted', mspIds: members.map(({ mspId }) => mspId) });
        return answer(specification, changed);
    }

    async suspend(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['community:suspend'];
        return answer(specification, await changeStanding(ctx, argumentOf(specification, args), 'suspended'));
    }

    async reinstate(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['community:reinstate'];
        return answer(specification, await changeStanding(ctx, argumentOf(specification, args), 'active'));
    }

    async leave(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['community:leave'];
        return answer(specification, await changeStanding(ctx, argumentOf(specification, args), 'left'));
    }

    async replaceMeter(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['community:replaceMeter'];
        const { mspId, slot, meter } = argumentOf(specification, args);
        const charter = await ownCharter(ctx);
        requireOperator(charter, ctx.caller);
        const member = memberOf(charter, mspId);
        if (!isVerificationKey(meter.key)) {
            refuse('KEY_INVALID', `meter ${meter.id} of ${mspId}`);
        }
        const meters = withReplacement(member.meters, { ...meter, fromSlot: slot, toSlot: null });
        const changed = await saveChanged(ctx, {
            ...charter,
            members: { ...charter.members, [mspId]: { ...member, meters } },
        });
        ctx.emit({ type: 'MeterReplaced', mspId, slot, meterId: meter.id });
        return answer(specification, changed);
    }

    async assignRole(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['community:assignRole'];
        const { role, mspId, key } = argumentOf(specification, args);
        const charter = await ownCharter(ctx);
        requireOperator(charter, ctx.caller);
        requireAssignable(charter, { role, mspId, key });
        if (key !== undefined && !isVerificationKey(key)) {
            refuse('KEY_INVALID', `of the ${role}`);
        }
        const assigned = {
            ...charter,
            roles: { ...charter.roles, [role]: mspId },
            roleKeys: { ...charter.roleKeys, [role]: key },
        };
        const changed = await saveChanged(ctx, withFormerBank(charter, assigned));
        ctx.emit({ type: 'RoleAssigned', role, mspId });
        return answer(specification, changed);
    }

    async limitAccount(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['community:limitAccount'];
        const { mspId, limitNanos } = argumentOf(specification, args);
        const charter = await ownCharter(ctx);
        requireOperator(charter, ctx.caller);
        const member = { ...memberOf(charter, mspId), accountLimitNanos: limitNanos ?? undefined };
        const changed = await saveChanged(ctx, { ...charter, members: { ...charter.members, [mspId]: member } });
        ctx.emit({ type: 'AccountLimited', mspId });
        return answer(specification, changed);
    }

    async list(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['community:list'];
        argumentOf(specification, args);
        const { members } = await ownCharter(ctx);
        return answer(
            specification,
            Object.values(members).sort((a, b) => compareStrings(a.mspId, b.mspId)),
        );
    }

    async member(ctx: TransactionContext, ...args: string[]): Promise<string> {
        const specification = TRANSACTIONS['community:member'];
        const { mspId } = argumentOf(specification, args);
        return answer(specification, memberOf(await ownCharter(ctx), mspId));
    }
}

/** Refuses ROLE_TAKEN, MEMBER_EXISTS, ROLE_FIXED. */
function requireAssignable(charter: Charter, { role, mspId, key }: ArgsOf<'community:assignRole'>): void {
    if (charter.roles[role] === mspId && charter.roleKeys?.[role] === key) {
        refuse('ROLE_TAKEN', `${role} is ${mspId}`);
    }
    if (role === 'dso' && memberNamed(charter.members, mspId) !== undefined) {
        refuse('MEMBER_EXISTS', `${mspId} is a household: its endorsement must not count on both sides of a record`);
    }
    // Every policy of the market names the grid operator, and so does the channel's.
    if (role === 'dso' && Object.keys(charter.members).length > 0) {
        refuse('ROLE_FIXED', `dso is ${charter.roles.dso ?? 'nobody'}`);
    }
}

function requireFounding(founding: ArgsOf<'community:establish'>, caller: string): void {
    const { roles, gridConnections, operatorKey } = founding;
    if (caller !== roles.dso || caller !== roles.operator) {
        refuse('FORBIDDEN', `${caller} founds a community of which it is dso and operator`);
    }
    if (gridConnections < 1) {
        refuse('NO_GRID_CONNECTION', 'of the community');
    }
    if (!isVerificationKey(operatorKey)) {
        refuse('KEY_INVALID', 'operatorKey');
    }
    const flaw = clockFlaw(clockOf(founding));
    if (flaw !== undefined) {
        refuse('TERMS_INVALID', flaw);
    }
}

async function changeStanding(
    ctx: TransactionContext,
    { mspId, fromDay, reason }: ArgsOf<'community:suspend'>,
    status: Status,
): Promise<{ version: number }> {
    const charter = await ownCharter(ctx);
    const asksToLeaveItself = status === 'left' && ctx.caller === mspId;
    if (!asksToLeaveItself) {
        requireOperator(charter, ctx.caller);
    }
    const member = memberOf(charter, mspId);
    requireLaterDay(charter, fromDay, ctx.now);
    const standings = withChange(member.standings, {
        fromDay,
        status,
        reason,
        recorded: recordedNow(charter, ctx.now),
    });
    const changed = await saveChanged(ctx, {
        ...charter,
        members: { ...charter.members, [mspId]: { ...member, standings } },
    });
    ctx.emit({ type: 'StandingChanged', mspId, status, fromDay });
    return changed;
}

function memberOf({ members }: Charter, mspId: string): Charter['members'][string] {
    return memberNamed(members, mspId) ?? refuse('MEMBER_UNKNOWN', mspId);
}
