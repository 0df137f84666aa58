import type { Language } from './translate';

/** What a page needs to know of a community to show its figures. */
export interface Community {
    readonly currency: string;
    /** Nanos in one minor unit of the currency: a cent is 10,000,000. */
    readonly minorUnitNanos: string;
    /** From a slot on clocks are so many minutes ahead of UTC. */
    readonly clock: readonly { readonly fromSlot: string; readonly offsetMinutes: string }[];
}

/** Whole numbers come as decimal strings, as they are kept; none passes through a float before it is rounded for people to read. */
export type Whole = bigint | string | number;

const SLOT_SECONDS = 900;
const SLOTS_PER_HOUR = 4n;
const NANOS_DIGITS = 9;
const MICROS_DIGITS = 6;
const WH_DIGITS = 3;
const LOCALES: Readonly<Record<Language, string>> = { en: 'en-GB', de: 'de-DE' };

/** Figures and times in a language, in a community's currency and local time. */
export class Formats {
    readonly #locale: string;
    readonly #community: Community;
    readonly #number: (options: Intl.NumberFormatOptions) => Intl.NumberFormat;
    readonly #date: (options: Intl.DateTimeFormatOptions) => Intl.DateTimeFormat;

    constructor(language: Language, community: Community) {
        this.#locale = LOCALES[language];
        this.#community = community;
        this.#number = remembered((options) => new Intl.NumberFormat(this.#locale, options));
        this.#date = remembered((options) => new Intl.DateTimeFormat(this.#locale, { ...options, timeZone: 'UTC' }));
    }

    /** Money with two digits, as people pay it. */
    money(nanos: Whole): string {
        return this.#decimal(shifted(nanos, NANOS_DIGITS), { style: 'currency', currency: this.#community.currency });
    }

    /** To the last digit, for whoever checks. */
    exactMoney(nanos: Whole): string {
        const digits = { minimumFractionDigits: 2, maximumFractionDigits: NANOS_DIGITS };
        return this.#decimal(shifted(nanos, NANOS_DIGITS), {
            style: 'currency',
            currency: this.#community.currency,
            ...digits,
        });
    }

    /** An amount in minor units of the currency: a bill's. */
    minor(units: Whole): string {
        return this.money(BigInt(units) * BigInt(this.#community.minorUnitNanos));
    }

    /** A price for a kWh. */
    price(micros: Whole): string {
        const digits = { minimumFractionDigits: 3, maximumFractionDigits: 4 };
        return `${this.#decimal(shifted(micros, MICROS_DIGITS), { style: 'currency', currency: this.#community.currency, ...digits })}/kWh`;
    }

    energy(wattHours: Whole): string {
        const digits = { minimumFractionDigits: 2, maximumFractionDigits: WH_DIGITS };
        return `${this.#decimal(shifted(wattHours, WH_DIGITS), digits)}\u00a0kWh`;
    }

    /** Energy of a slot as its average power. */
    power(wattHours: Whole): string {
        const digits = { minimumFractionDigits: 1, maximumFractionDigits: 2 };
        return `${this.#decimal(shifted(BigInt(wattHours) * SLOTS_PER_HOUR, WH_DIGITS), digits)}\u00a0kW`;
    }

    /** What an axis of prices says: rounded, without its unit's share. */
    axisMoney(amount: number): string {
        return this.#number({
            style: 'currency',
            currency: this.#community.currency,
            maximumFractionDigits: 3,
            minimumFractionDigits: 2,
        }).format(amount);
    }

    axisEnergy(kilowattHours: number): string {
        return this.#number({ maximumFractionDigits: 2 }).format(kilowattHours);
    }

    count(n: Whole): string {
        return this.#decimal(String(n), {});
    }

    /** Of parts per million. */
    percent(ppm: Whole): string {
        return this.#decimal(shifted(ppm, MICROS_DIGITS), { style: 'percent', maximumFractionDigits: 1 });
    }

    /** When a slot begins, by the community's clock. */
    slotTime(slot: Whole): string {
        return this.#date({ hour: '2-digit', minute: '2-digit' }).format(this.#local(Number(slot)));
    }

    slotSpan(slot: Whole): string {
        return `${this.slotTime(slot)}–${this.slotTime(Number(slot) + 1)}`;
    }

    slotDayAndTime(slot: Whole): string {
        return this.#date({ dateStyle: 'medium', timeStyle: 'short' }).format(this.#local(Number(slot)));
    }

    /** When something happened, unix seconds. */
    moment(seconds: Whole): string {
        const local = this.#local(Math.floor(Number(seconds) / SLOT_SECONDS), Number(seconds) % SLOT_SECONDS);
        return this.#date({ dateStyle: 'medium', timeStyle: 'medium' }).format(local);
    }

    timeOfDay(seconds: Whole): string {
        const local = this.#local(Math.floor(Number(seconds) / SLOT_SECONDS), Number(seconds) % SLOT_SECONDS);
        return this.#date({ hour: '2-digit', minute: '2-digit' }).format(local);
    }

    /** A calendar day, `2025-04-16`. */
    day(day: string): string {
        return this.#date({ dateStyle: 'medium' }).format(new Date(day));
    }

    month(day: string): string {
        return this.#date({ year: 'numeric', month: 'long' }).format(new Date(day));
    }

    /** A period of days, as short as it can be said. */
    days(from: string, to: string): string {
        const format = this.#date({ dateStyle: 'medium' });
        return from === to ? format.format(new Date(from)) : format.formatRange(new Date(from), new Date(to));
    }

    /** The slot's beginning as a date whose UTC fields are the community's local time. */
    #local(slot: number, seconds = 0): Date {
        const since = this.#community.clock.filter(({ fromSlot }) => Number(fromSlot) <= slot);
        const offset = Number((since.at(-1) ?? this.#community.clock[0])?.offsetMinutes ?? 0);
        return new Date((slot * SLOT_SECONDS + seconds + offset * 60) * 1000);
    }

    #decimal(text: string, options: Intl.NumberFormatOptions): string {
        // No sign on what is rounded to nothing.
        return this.#number({ signDisplay: 'negative', ...options }).format(text as Intl.StringNumericLiteral);
    }
}

/** Formats are dear to make, and there are few of them. */
function remembered<Options, Format>(make: (options: Options) => Format): (options: Options) => Format {
    const known = new Map<string, Format>();
    return (options) => {
        const key = JSON.stringify(options);
        const format = known.get(key) ?? make(options);
        known.set(key, format);
        return format;
    };
}

/** A whole number as a decimal with so many digits after the point: `-1500000`, 6 → `-1.500000`. Exact. */
export function shifted(whole: Whole, digits: number): string {
    const text = String(whole);
    const [sign, magnitude] = text.startsWith('-') ? ['-', text.slice(1)] : ['', text];
    const padded = magnitude.padStart(digits + 1, '0');
    return `${sign}${padded.slice(0, -digits)}.${padded.slice(-digits)}`;
}

/** What people type as an amount of the currency, in millionths: `0.21` → `210000`. Exact; more than six digits after the point are cut off. */
export function microsOf(text: string): string {
    const [, sign = '', whole = '', part = ''] = /^(-?)(\d*)(?:\.(\d*))?$/.exec(text.trim()) ?? [];
    return BigInt(
        `${sign}${whole === '' ? '0' : whole}${part.slice(0, MICROS_DIGITS).padEnd(MICROS_DIGITS, '0')}`,
    ).toString();
}
