import { admitHousehold, earliestDay, endMembership } from '../community/admission';
import { fillSeats } from '../community/epochs';
import { InputError } from '../data/input-error';
import { dayAfter, isDay } from '../data/zone';
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
        const traded = rememberedDay(context.layout)?.day;
        const usual = charter.rules.replayAllowed && traded !== undefined ? dayAfter(traded) : undefined;
        const fromDay = dayOf(options.fromDay) ?? usual ?? dayAfter(new Date().toISOString().slice(0, 10));
        const isExpelled = options.expel ?? false;
        const reason = options.reason ?? (isExpelled ? 'struck off by the grid operator' : 'at its own wish');
        await endMembership(members, id, { fromDay, reason, isExpelled });
        const committee = await fillSeats(members, charter, members.member(id).calls.mspId, fromDay);
        print(said(options, leftText(id, fromDay, committee), { id, fromDay, reason, committee }));
        return EXIT.done;
    });
}

function leftText(id: string, fromDay: string, committee: readonly string[] | undefined): string {
    const filled = committee === undefined ? '' : ` Its seat is filled: the committee is then ${committee.join(', ')}.`;
    return `${id} is no member from ${fromDay} on.${filled} Once the days before are settled: network.sh remove-household ${id}`;
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
