import type { Battery, MovableDevices } from '../topology';
import type { CommunityFile } from './schema';

type HomeOnFile = CommunityFile['homes'][string];

export interface DeviceProblem {
    /** Below the home. */
    readonly path: readonly PropertyKey[];
    readonly message: string;
}

const QUARTERS_PER_HOUR = 4;
const QUARTERS_PER_DAY = 96;

/** Undefined where the home has nothing but load, panels and batteries. */
export function movableDevices(home: HomeOnFile): MovableDevices | undefined {
    const { vehicles = [], appliances = [], elasticLoads = [], fuelGenerators = [] } = home;
    const count = vehicles.length + appliances.length + elasticLoads.length + fuelGenerators.length;
    return count === 0
        ? undefined
        : {
              vehicles,
              appliances,
              elasticLoads: elasticLoads.map(({ noneAtPerKwh, ...same }) => ({
                  ...same,
                  noneAtMicrosPerKwh: noneAtPerKwh,
              })),
              fuelGenerators: fuelGenerators.map(({ firstPerKwh, lastPerKwh, ...same }) => ({
                  ...same,
                  firstMicrosPerKwh: firstPerKwh,
                  lastMicrosPerKwh: lastPerKwh,
              })),
          };
}

export const batteriesOf = ({ batteries = [] }: HomeOnFile): Battery[] =>
    batteries.map(({ chargeEfficiency, dischargeEfficiency, ...same }) => ({
        ...same,
        ...(chargeEfficiency === undefined ? {} : { chargePpm: chargeEfficiency }),
        ...(dischargeEfficiency === undefined ? {} : { dischargePpm: dischargeEfficiency }),
    }));

/** Of all its devices, so that no name stands there twice. */
export function deviceIds(home: HomeOnFile): string[] {
    const { pv = [], batteries = [], vehicles = [], appliances = [], elasticLoads = [], fuelGenerators = [] } = home;
    return [pv, batteries, vehicles, appliances, elasticLoads, fuelGenerators].flatMap((kind) =>
        kind.map(({ id }) => id),
    );
}

/** What a home asks of its devices, and its connection or the day has no room for. */
export function deviceProblems({ connection, vehicles = [], appliances = [] }: HomeOnFile): DeviceProblem[] {
    const { importLimitW } = connection;
    const carried = Math.floor(importLimitW / QUARTERS_PER_HOUR);
    const cars = vehicles.flatMap(({ energyWh, powerW, from, to }, index) => {
        const most = Math.min(Math.floor(powerW / QUARTERS_PER_HOUR), carried) * (to - from);
        const path = ['vehicles', index, 'energyWh'];
        return energyWh <= most ? [] : [{ path, message: `at most ${most} Wh fit into its window` }];
    });
    const running = appliances.flatMap(({ profileWh, latest }, index) => {
        const highest = Math.max(...profileWh);
        const last = QUARTERS_PER_DAY - profileWh.length;
        return [
            ...(highest <= carried
                ? []
                : [
                      {
                          path: ['appliances', index, 'profileWh'],
                          message: `${highest} Wh in a quarter of an hour are more than the connection's ${importLimitW} W`,
                      },
                  ]),
            ...(latest <= last
                ? []
                : [{ path: ['appliances', index, 'latest'], message: 'its course would not end with the day' }]),
        ];
    });
    return [...cars, ...running];
}
