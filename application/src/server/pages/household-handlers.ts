import { dayOf, slot as slotNumber, slotAt } from '@commonwatt/chaincode/domain/slot';
import type { Household } from '../../household-view/household';
import { billView, billsView, evidenceView, type BillView } from '../../household-view/bills-view';
import { pricesView, roundView, roundsView } from '../../household-view/market-view';
import { moneyView } from '../../household-view/money-view';
import { nowView } from '../../household-view/now-view';
import { readingsView } from '../../household-view/readings-view';
import type { Period } from '../../market/billing';
import { readingsCsv } from '../../meters/files/csv-out';
import { greenButtonXml } from '../../meters/files/green-button-out';
import type { Handlers } from '../api';
import { billCsv } from '../documents/bill-csv';
import { billPdf } from '../documents/bill-pdf';
import { notFound } from '../guard/failures';
import type { PublicData } from '../public-data';
import { agentStateOf, entryOf } from './agent-handlers';
import type { AnswerTo } from './answers';
import { daysWithin } from './days';

type HouseholdRoutes =
    | 'GET /now'
    | 'GET /money'
    | 'GET /bills'
    | 'GET /bills/:id'
    | 'GET /bills/:id/evidence'
    | 'GET /bills/:id/pdf'
    | 'GET /bills/:id/csv'
    | 'GET /market/rounds'
    | 'GET /market/rounds/:slot'
    | 'GET /market/prices'
    | 'GET /exports/readings.csv'
    | 'GET /exports/greenbutton.xml';

/** Of pages that show values by day; a month and a year otherwise. */
const MOST_DAYS = { money: 31, months: 366, prices: 31, readings: 31 };
const JOURNAL_SHOWN = 10;

/** What a household sees of itself, from its own peer. */
export function householdHandlers(data: PublicData, nowSeconds: () => number): Pick<Handlers, HouseholdRoutes> {
    const billOf = async (household: Household, id: string): Promise<BillView> => {
        const view = () => billView(household.ledger, id, (period) => issuedIn(data, household, period));
        return (await household.ledger.once(`bill page ${id} ${data.height}`, view)) ?? missing('bill of these days');
    };
    return {
        'GET /now': ({ household, query }) => nowPage(data, household, slotAt(nowSeconds()), query.slot),
        'GET /money': async ({ household: { ledger }, query }) => {
            const most = query.by === 'day' ? MOST_DAYS.money : MOST_DAYS.months;
            const days = daysWithin(await data.days(), query, most);
            // Of days that are kept: any range of them would be one more thing to keep.
            return moneyView(ledger, query.by, days);
        },
        'GET /bills': ({ household: { ledger } }) =>
            ledger.once('bills page', async () => ({ bills: await billsView(ledger) })),
        'GET /bills/:id': ({ household, params: { id } }) => billOf(household, id),
        'GET /bills/:id/evidence': async ({ household: { ledger }, params: { id } }) =>
            (await ledger.once(`evidence ${id}`, () => evidenceView(ledger, id))) ?? missing('bill of these days'),
        'GET /bills/:id/pdf': async ({ household, params: { id } }) => {
            const bill = await billOf(household, id);
            const { name } = await household.ledger.charter();
            return { body: await billPdf(bill, name), fileName: `bill-${bill.household}-${id}.pdf` };
        },
        'GET /bills/:id/csv': async ({ household, params: { id } }) => {
            const bill = await billOf(household, id);
            return { body: billCsv(bill), fileName: `bill-${bill.household}-${id}.csv` };
        },
        'GET /market/rounds': async ({ household: { ledger }, query }) => {
            const days = await data.days();
            return roundsView(ledger, query.day ?? days[0], days, nowSeconds());
        },
        'GET /market/rounds/:slot': async ({ household: { ledger }, params: { slot } }) => {
            const { day } = dayOf(slotNumber(slot), clockOf(await ledger.charter()));
            return (
                (await ledger.once(`round ${slot}`, () => roundView(ledger, day, slot))) ??
                missing('round of this slot')
            );
        },
        'GET /market/prices': async ({ household: { ledger }, query }) => {
            const days = daysWithin(await data.days(), query, MOST_DAYS.prices);
            const [from = '1970-01-01', to = from] = [days[0], days.at(-1)];
            return { from, to, prices: await pricesView(ledger, days) };
        },
        'GET /exports/readings.csv': async ({ household: { ledger }, query }) => {
            const days = daysWithin(await data.days(), query, MOST_DAYS.readings);
            return { body: readingsCsv(await readingsView(ledger, days)), fileName: `readings-${ledger.home}.csv` };
        },
        'GET /exports/greenbutton.xml': async ({ household: { ledger }, query }) => {
            const days = daysWithin(await data.days(), query, MOST_DAYS.readings);
            const body = greenButtonXml(await readingsView(ledger, days), nowSeconds());
            return { body, fileName: `readings-${ledger.home}.xml` };
        },
    };
}

function missing(what: string): never {
    throw notFound(what);
}

const clockOf = ({ clock }: Awaited<ReturnType<Household['ledger']['charter']>>) =>
    clock.map(({ fromSlot, offsetMinutes }) => ({ fromSlot: slotNumber(fromSlot), offsetMinutes }));

/** One object for everybody who asks at the same height, in the same slot, with the same journal. */
async function nowPage(
    data: PublicData,
    household: Household,
    clockSlot: number,
    wanted: number | undefined,
): Promise<AnswerTo<'GET /now'>> {
    const { ledger, journal, agentState } = household;
    const last = journal.newest(1)[0]?.sequence ?? 0;
    const [day] = await data.days();
    const key = `now page ${day ?? ''} ${wanted ?? clockSlot} ${last} ${agentState?.at ?? 0}`;
    return ledger.once(key, async () => ({
        ...(await nowView(ledger, day, clockSlot, wanted)),
        agent: agentStateOf(agentState),
        journal: journal.newest(JOURNAL_SHOWN).map(entryOf),
    }));
}

/** The transaction with which the channel's marker of the bill stands. */
async function issuedIn({ queries }: PublicData, { mspId }: Household, { from, to }: Period): Promise<string | null> {
    const found = (await queries.bills(mspId)).find((each) => each.from === from && each.to === to);
    return found?.transactionId ?? null;
}
