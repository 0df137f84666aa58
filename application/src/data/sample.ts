import { getPosition } from 'suncalc';
import type { HomeRegisters, MeterDay } from './meter-day';
import { between, randomNumbers, type RandomNumbers } from './random';
import { cumulativeRegister } from './registers';
import { clockAround, SLOT_SECONDS, slotsOfDay, zoneNamed, type Zone } from './zone';

/** The day of the demonstration: long past, in spring, with sun. */
export const SAMPLE_DAY = '2025-04-16';
export const SAMPLE_ZONE = 'UTC+01:00';
const PLACE = { latitude: 48.0, longitude: 7.85 };
const NANOS_PER_WATT = 1_000_000n;

/** What stands in and on a home. */
export interface SampleHome {
    readonly home: string;
    readonly consumes: boolean;
    readonly generates: boolean;
    /** Of all its panels; drawn where it is not said. */
    readonly peakW?: number;
}

/** Twenty homes like those of the demonstration community: 14 with load and panels, 4 with load, 2 with panels only. */
export function sampleHomes(count = 20): SampleHome[] {
    return Array.from({ length: count }, (_, index) => {
        const number = index + 1;
        return {
            home: `H${number}`,
            consumes: ![9, 19].includes(number),
            generates: ![6, 7, 8, 15].includes(number),
        };
    });
}

/**
 * A day of a community that does not exist, always the same for the same day and homes.
 *
 *     load(t) kW = scale · (base + morning · bell(t − t_m, 1 h) + evening · bell(t − t_e, 1.6 h)) · (1 + ε)
 *     pv(t)   kW = kWp · 0.85 · cloud(t) · (direct(t) · max(0, cos incidence) + 0.1 · direct(t)),  0 while the sun is down
 *     direct(t)  = 1.353 · 0.7^(AM^0.678) kW/m²,  AM = 1 / sin(altitude), with the sun's place from suncalc
 *     cos incidence = sin(alt)·cos(tilt) + cos(alt)·sin(tilt)·cos(azimuth − facing)
 *
 * bell(x, w) = exp(−x²/2w²). Base 0.1–0.25 kW, morning peak at 6:30–8:00 of 0.3–0.9 kW, evening peak at 18:00–20:30
 * of 0.6–1.6 kW, ε uniform in ±25 %; kWp as stated or 2–7 kWp, facing 140–220°, tilted 20–40°; cloud(t) is a walk in [0.55, 1]. All drawn
 * from a seeded generator, one stream per home and purpose. Powers are whole watts, as a meter's data would be.
 */
export function sampleDay(homes: readonly SampleHome[] = sampleHomes(), day = SAMPLE_DAY): MeterDay {
    const zone = zoneNamed(SAMPLE_ZONE);
    if (zone === undefined) {
        throw new Error(`this Node knows no zone ${SAMPLE_ZONE}`);
    }
    const { first, count } = slotsOfDay(zone, day);
    const slots = Array.from({ length: count }, (_, index) => first + index);
    return {
        day,
        source: 'the generated sample',
        zone: zone.name,
        clock: clockAround(zone, day),
        firstSlot: first,
        slotCount: count,
        homes: homes.map((home) => registersOf(home, day, slots, zone)),
    };
}

function registersOf(site: SampleHome, day: string, slots: number[], zone: Zone): HomeRegisters {
    const { home, consumes, generates } = site;
    const idle = slots.map(() => 0);
    return {
        home,
        consumed: register(consumes ? loadWatts(`${home}/${day}/load`, slots, zone) : idle),
        produced: register(generates ? generationWatts(`${home}/${day}/pv`, site, slots) : idle),
    };
}

function register(watts: readonly number[]): bigint[] {
    return cumulativeRegister(watts.map((power) => BigInt(Math.round(power)) * NANOS_PER_WATT));
}

function loadWatts(stream: string, slots: readonly number[], zone: Zone): number[] {
    const random = randomNumbers(stream);
    const [scale, base] = [between(random, 0.6, 1.4), between(random, 0.1, 0.25)];
    const morning = { hour: between(random, 6.5, 8), peak: between(random, 0.3, 0.9) };
    const evening = { hour: between(random, 18, 20.5), peak: between(random, 0.6, 1.6) };
    return slots.map((slot) => {
        const hour = hourOfDay(zone, slot);
        const shape =
            base + morning.peak * bell(hour - morning.hour, 1) + evening.peak * bell(hour - evening.hour, 1.6);
        return 1000 * scale * shape * (1 + between(random, -0.25, 0.25));
    });
}

function generationWatts(stream: string, site: SampleHome, slots: readonly number[]): number[] {
    const roof = randomNumbers(`${site.home}/roof`); // The roof stays the same from day to day, the clouds do not.
    const [drawn, facing, tilt] = [between(roof, 2, 7), between(roof, 140, 220), between(roof, 20, 40)];
    const peak = site.peakW === undefined ? drawn : site.peakW / 1000;
    const cloud = cloudCover(randomNumbers(stream));
    return slots.map((slot) => {
        const middle = new Date((slot * SLOT_SECONDS + SLOT_SECONDS / 2) * 1000);
        const { altitude, azimuth } = getPosition(middle, PLACE.latitude, PLACE.longitude);
        return 1000 * peak * 0.85 * cloud() * irradiance(altitude, azimuth, facing, tilt);
    });
}

/** kW/m² on a tilted roof under a clear sky: the direct beam after Meinel, and a tenth of it from the rest of the sky. */
function irradiance(altitude: number, azimuth: number, facing: number, tilt: number): number {
    if (altitude <= 0) {
        return 0;
    }
    const [sun, roof] = [radians(altitude), radians(tilt)];
    const direct = 1.353 * 0.7 ** ((1 / Math.sin(sun)) ** 0.678);
    const incidence =
        Math.sin(sun) * Math.cos(roof) + Math.cos(sun) * Math.sin(roof) * Math.cos(radians(azimuth - facing));
    return direct * Math.max(0, incidence) + 0.1 * direct;
}

function cloudCover(random: RandomNumbers): () => number {
    let clear = between(random, 0.7, 1);
    return () => {
        clear = Math.min(1, Math.max(0.55, clear + between(random, -0.12, 0.12)));
        return clear;
    };
}

function hourOfDay(zone: Zone, slot: number): number {
    const seconds = slot * SLOT_SECONDS + zone.offsetMinutes(slot) * 60;
    return (seconds % 86_400) / 3600;
}

function bell(distance: number, width: number): number {
    return Math.exp(-(distance ** 2) / (2 * width ** 2));
}

function radians(degrees: number): number {
    return (degrees * Math.PI) / 180;
}
