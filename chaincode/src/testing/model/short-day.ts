import { localDay, slot } from '../../domain/slot';
import { DAY, DSO, FIRST, FOUNDING, household, TERMS, TestCommunity } from '../community';

/** Local clocks jump forward by 23 hours half an hour after midnight, so that DAY has four slots: a whole day is a few transactions. */
export const CLOCK = [
    { fromSlot: 0, offsetMinutes: -480 },
    { fromSlot: FIRST + 38, offsetMinutes: 900 },
];
const LOCAL = localDay(
    DAY,
    CLOCK.map((change) => ({ ...change, fromSlot: slot(change.fromSlot) })),
);

/** The slots of the short day. */
export const SHORT_DAY: readonly number[] = Array.from({ length: LOCAL.count }, (_, i) => LOCAL.first + i);

/** A community of three households with DAY open, for a test that needs many days. */
export async function shortDay(): Promise<TestCommunity> {
    const terms = { ...TERMS, revealSeconds: 0 };
    const community = await TestCommunity.governed(3, { terms, founding: { ...FOUNDING, clock: CLOCK } });
    await community.submit('auction:openDay', { day: DAY, replay: true }, { endorsers: [DSO, household(1)] });
    return community;
}
