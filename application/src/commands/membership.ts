import type { BillRecord, Charter } from '@commonwatt/chaincode/api/records';
import { encode } from '@commonwatt/chaincode/api/wire';
import { admitHousehold, earliestDay, endMembership } from '../community/admission';
import { fillSeats } from '../community/epochs';
import type { CommunityMembers } from '../community/members';
import { InputError } from '../data/input-error';
import { dayAfter, dayBefore, isDay } from '../data/zone';
import { HomeMoney } from '../household/home-money';
import { PeriodBills, daysFrom } from '../household/period-bills';
import { Accounts } from '../market/accounts';
import { billText } from '../report/bill-text';
import { contextOf, print, withMembers, type CommonOptions } from './context';
import { rememberedDay } from './day-choice';
import { EXIT } from './failure';
import { charterOf } from './look';

export interface AdmitOptions extends CommonOptions {
    readonly fromDay?: string;
}

/** Admits a household that is on the channel to the market: its application, and the rules of admission. */
export async function admit(id: string, options: AdmitOptions): Promise<number> {
    return withMembers(contextOf(options), async (members) => {
        const charter = await charterOf(members.operator.calls);
        const fromDay = dayOf(options.fromDay) ?? earliestDay(charter, new Date());
        await admitHousehold(members, id, fromDay);
        print(said(options, `${id} is a member from ${fromDay} on: it may trade in the next round.`, { id, fromDay }));
        return EXIT.done;
    });
}

export interface LeaveOptions extends CommonOptions {
    readonly fromDay?: string;
    readonly reason?: string;
    readonly expel?: boolean;
}

/** Ends a membership of the market: by the household itself, or by the grid operator. */
export async function leave(id: string, options: LeaveOptions): Promise<number> {
    const context = contextOf(options);
    return withMembers(context, async (members) => {
        const charter = await charterOf(members.operator.calls);
        const fromDay = lastDayAfter(options, charter, rememberedDay(context.layout)?.day);
        const isExpelled = options.expel ?? false;
        const reason = options.reason ?? (isExpelled ? 'struck off by the grid operator' : 'at its own wish');
        await endMembership(members, id, { fromDay, reason, isExpelled });
        const committee = await fillSeats(members, charter, members.member(id).calls.mspId, fromDay);
        const bills = isExpelled ? [] : await finalBills(members, id, dayBefore(fromDay));
        const facts = { id, fromDay, reason, committee: committee ?? null, bills };
        print(options.json === true ? encode(facts) : leftText(facts, charter.rules.currency));
        return EXIT.done;
    });
}

/** The first day of which it is no member: the one after the last that was traded, where days are replayed. */
function lastDayAfter({ fromDay }: LeaveOptions, { rules }: Charter, traded: string | undefined): string {
    const usual = rules.replayAllowed ? traded : undefined;
    return dayOf(fromDay) ?? dayAfter(usual ?? new Date().toISOString().slice(0, 10));
}

/**
 * The household's bills up to its last day, with its meter's final readings, where these days are closed; otherwise its agent issues them at
 * the end of that day.
 */
async function finalBills(members: CommunityMembers, id: string, lastDay: string): Promise<BillRecord[]> {
    const { calls, keys } = members.member(id);
    const charter = await charterOf(calls);
    const operator = members.operator.calls.mspId;
    const bills = await new PeriodBills({ operator, charter, calls, keys }).issueDue(lastDay);
    const money = charter.rules.coverRequired === true ? new HomeMoney(new Accounts(calls, keys, charter)) : undefined;
    for (const bill of bills) {
        await money?.pay(bill, daysFrom(bill));
    }
    return bills;
}

interface Left {
    readonly id: string;
    readonly fromDay: string;
    readonly committee: readonly string[] | null;
    readonly bills: readonly BillRecord[];
}

function leftText({ id, fromDay, committee, bills }: Left, currency: string): string {
    const filled = committee === null ? '' : ` Its seat is filled: the committee is then ${committee.join(', ')}.`;
    const left = `${id} is no member from ${fromDay} on.${filled} Once the days before are settled: network.sh remove-household ${id}`;
    return [left, ...bills.map((bill) => billText(id, bill, currency))].join('\n\n');
}

function said(options: CommonOptions, text: string, facts: object): string {
    return options.json === true ? JSON.stringify(facts) : text;
}

function dayOf(text: string | undefined): string | undefined {
    if (text !== undefined && !isDay(text)) {
        throw new InputError({ file: '--from-day' }, `'${text}' is not a day; write it as 2014-10-03`);
    }
    return text;
}
