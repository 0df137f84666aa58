import { governorsNow } from '../community/admission';
import { InputError } from '../data/input-error';
import { isDay } from '../data/zone';
import { reportSilent } from '../day/silent-agents';
import { reportUnrevealed, unrevealedOrders } from '../day/unrevealed-orders';
import { Auction } from '../market/auction';
import { Schedule } from '../market/schedule';
import { StakeGovernance } from '../market/stake';
import { unrevealedSummary, unrevealedText } from '../report/dropped-orders';
import { lateSummary, lateText } from '../report/late-homes';
import { contextOf, print, withMembers } from './context';
import { rememberedDay } from './day-choice';
import { EXIT, NotNow } from './failure';
import { charterOf, viewer, type ViewOptions } from './look';

/** What `stake` does. */
export const STAKE_PARTS = ['show', 'report-unrevealed', 'report-silent'] as const;
export type StakePart = (typeof STAKE_PARTS)[number];

/** Has members forfeit deposits for the orders of a day that they did not open. Any member may; once for each order. */
export async function reportUnrevealedOrders(day: string | undefined, options: ViewOptions): Promise<number> {
    const context = contextOf(options);
    const wanted = wantedDay(day, context);
    return withMembers(context, async (members) => {
        const { calls } = viewer(members, options);
        const orders = unrevealedOrders(await new Auction(calls).rounds(wanted));
        const reported = await reportUnrevealed(new StakeGovernance(calls, await governorsNow(members)), orders);
        const unrevealed = reported.map((each) => unrevealedSummary(each, members.topology));
        const { currency } = (await charterOf(calls)).rules;
        const lines = unrevealed.map((each) => unrevealedText(each, currency));
        const text = lines.length === 0 ? `Every order of ${wanted} that counted was opened.` : lines.join('\n');
        print(options.json === true ? JSON.stringify({ day: wanted, unrevealed }) : text);
        return EXIT.done;
    });
}

/** Has homes lose deposit and standing that did not answer in the run of a day's schedule. Any member may; once for each home and day. */
export async function reportSilentHomes(day: string | undefined, options: ViewOptions): Promise<number> {
    const context = contextOf(options);
    const wanted = wantedDay(day, context);
    return withMembers(context, async (members) => {
        const { calls } = viewer(members, options);
        const record = await new Schedule(calls).find(wanted);
        if (record === undefined || record.status === 'planned' || record.status === 'open') {
            throw new NotNow(`${wanted} has no schedule whose run has ended`);
        }
        const reported = await reportSilent(new StakeGovernance(calls, await governorsNow(members)), record);
        const late = reported.map((each) => lateSummary(each, members.topology));
        const { currency } = (await charterOf(calls)).rules;
        const lines = late.map((each) => lateText(each, currency));
        const text = lines.length === 0 ? `Every covered home answered in the run of ${wanted}.` : lines.join('\n');
        print(options.json === true ? JSON.stringify({ day: wanted, late }) : text);
        return EXIT.done;
    });
}

function wantedDay(day: string | undefined, { layout }: Pick<ReturnType<typeof contextOf>, 'layout'>): string {
    const wanted = day ?? rememberedDay(layout)?.day;
    if (wanted === undefined || !isDay(wanted)) {
        const why = wanted === undefined ? 'no day has been traded here yet: say which' : `'${wanted}' is not a day`;
        throw new InputError({ file: 'stake' }, `${why}; write it as 2014-10-03`);
    }
    return wanted;
}
