import { SECONDS_PER_SLOT, type Clock } from '@commonwatt/chaincode/domain/slot';

/** A zone's clock as ESPI tells it: seconds, and rules in 32 bits. */
export interface DaylightRules {
    readonly tzOffset: number;
    readonly dstOffset: number;
    readonly startRule: string;
    readonly endRule: string;
}

/** No daylight saving. */
const NONE = 'FFFFFFFF';
const LAST = 7;

/** The clock around a slot: its two changes next to it, as rules for any year. */
export function daylightRules(clock: Clock, slot: number): DaylightRules {
    const now = Math.max(
        clock.findLastIndex(({ fromSlot }) => fromSlot <= slot),
        0,
    );
    const around = clock.slice(Math.max(now - 1, 0), now + 2);
    const offsets = around.map(({ offsetMinutes }) => offsetMinutes * 60);
    const changes = around.slice(1).map((change, index) => ({ ...change, before: offsets[index] ?? 0 }));
    const start = changes.find(({ offsetMinutes, before }) => offsetMinutes * 60 > before);
    const end = changes.find(({ offsetMinutes, before }) => offsetMinutes * 60 < before);
    if (start === undefined || end === undefined) {
        // A clock that stands still, or of which we know one change: no rule can be told.
        return { tzOffset: (clock[now]?.offsetMinutes ?? 0) * 60, dstOffset: 0, startRule: NONE, endRule: NONE };
    }
    const tzOffset = Math.min(...offsets);
    return {
        tzOffset,
        dstOffset: Math.max(...offsets) - tzOffset,
        startRule: ruleOf(start.fromSlot, start.before),
        endRule: ruleOf(end.fromSlot, end.before),
    };
}

/** Bits 0–11 seconds of the hour, 12–16 hour, 17–19 day of the week (Monday 1), 20–24 day of the month, 25–27 which of its weeks, 28–31 month. */
function ruleOf(fromSlot: number, offsetBefore: number): string {
    const local = new Date((fromSlot * SECONDS_PER_SLOT + offsetBefore) * 1000);
    const [month, day] = [local.getUTCMonth() + 1, local.getUTCDate()];
    const length = new Date(Date.UTC(local.getUTCFullYear(), month, 0)).getUTCDate();
    // 2 is the first such day of the month, 3 the second, …
    const which = day + 7 > length ? LAST : 1 + Math.ceil(day / 7);
    const weekday = local.getUTCDay() === 0 ? 7 : local.getUTCDay();
    const seconds = local.getUTCMinutes() * 60 + local.getUTCSeconds();
    const bits = [seconds, local.getUTCHours() << 12, weekday << 17, which << 25, month * 2 ** 28];
    const rule = bits.reduce((sum, part) => sum + part, 0);
    return rule.toString(16).toUpperCase().padStart(8, '0');
}
