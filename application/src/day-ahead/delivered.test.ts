import { describe, expect, it } from '@jest/globals';
import { netsOf, type HomeRegisters } from '../data/meter-day';
import { controlledWh, delivered, withinConnection } from './delivered';

const registers = (load: readonly bigint[], generation: readonly bigint[]): HomeRegisters => {
    const cumulative = (energies: readonly bigint[]): bigint[] => {
        let shown = 100n;
        return [shown, ...energies.map((energy) => (shown += energy))];
    };
    return { home: 'H1', consumed: cumulative(load), produced: cumulative(generation) };
};

const battery = { takes: true, gives: true, limits: { importWh: 4000n, exportWh: 1500n } };
const panels = { ...battery, takes: false, gives: false };
const car = { ...battery, gives: false };
const engine = { ...battery, takes: false };

describe('the meter of a replayed day that was scheduled', () => {
    it('shows what was scheduled where the forecast was right', () => {
        const forecast = { load: [300n, 200n, 500n], generation: [0n, 900n, 0n] };
        const scheduled = [300n, -100n, -200n]; // Charges 600 Wh of the sun, gives 700 Wh in the evening.
        const controlled = controlledWh(scheduled, forecast);
        expect(controlled).toEqual([0n, 600n, -700n]);
        const shown = delivered(registers(forecast.load, forecast.generation), controlled, battery);
        expect(netsOf(shown)).toEqual(scheduled.map((taken) => -taken));
    });

    it('differs from the schedule by the error of the forecast', () => {
        const controlled = controlledWh([300n, -100n], { load: [300n, 200n], generation: [0n, 900n] });
        const shown = delivered(registers([350n, 180n], [0n, 1000n]), controlled, battery);
        expect(netsOf(shown)).toEqual([-350n, 220n]); // 50 Wh more are taken, 120 Wh more are given than scheduled.
    });

    it.each([
        { what: 'turns panels down where there is no battery', generation: 900n, controlled: 300n, net: 400n },
        { what: 'turns panels down to nothing and not below', generation: 200n, controlled: 300n, net: -200n },
        { what: 'gives nothing that panels do not give', generation: 900n, controlled: -300n, net: 700n },
    ])('$what', ({ generation, controlled, net }) => {
        expect(netsOf(delivered(registers([200n], [generation]), [controlled], panels))).toEqual([net]);
    });

    it('charges the car when the schedule says so, and not when it is plugged in', () => {
        const asPlugged = { ...registers([700n, 200n, 200n], [0n, 0n, 0n]), unattendedWh: [500n, 0n, 0n] };
        const forecast = { load: [200n, 200n, 200n], generation: [0n, 0n, 0n] };
        const shown = delivered(asPlugged, controlledWh([200n, 300n, 600n], forecast), car);
        expect(netsOf(shown)).toEqual([-200n, -300n, -600n]);
        expect(netsOf(withinConnection(asPlugged, car.limits))).toEqual([-700n, -200n, -200n]);
    });

    it('has a generator give what was scheduled, and turns panels down where nothing takes more', () => {
        const forecast = { load: [200n, 200n], generation: [0n, 900n] };
        const shown = delivered(registers([200n, 200n], [0n, 900n]), controlledWh([-400n, -300n], forecast), engine);
        expect(netsOf(shown)).toEqual([400n, 300n]);
    });

    it('carries no more than the connection does', () => {
        const shown = delivered(registers([200n, 3900n], [1900n, 0n]), [0n, 600n], battery);
        expect(netsOf(shown)).toEqual([1500n, -4000n]);
    });

    it('goes on from what the registers showed before the day', () => {
        const shown = delivered(registers([5n], [7n]), [0n], battery);
        expect(shown).toEqual({ home: 'H1', consumed: [100n, 105n], produced: [100n, 107n] });
    });
});
