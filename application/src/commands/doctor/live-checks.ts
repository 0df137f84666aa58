import { existsSync } from 'node:fs';
import type { CommunityMembers } from '../../community/members';
import { openReadModel, readModelFile } from '../../read-model/open';
import { note, problem, well, type Finding } from './finding';

/** Peers refuse proposals whose time is further off. */
const MOST_AHEAD_SECONDS = 30;

/** What only a network that is up can tell: whether peers agree on the height, how far behind the pages' data are, and the clock. */
export async function checkLive(members: CommunityMembers, now: () => number): Promise<Finding[]> {
    const { topology, layout } = members;
    const whose = topology.homes[0];
    if (whose === undefined) {
        return [];
    }
    const { gateway } = members.member(whose).calls;
    const height = await gateway.height();
    const heights = await Promise.all(
        topology.organisations.map(async ({ id, mspId }) => ({
            id,
            height: await gateway.height(mspId).catch(() => undefined),
        })),
    );
    const silent = heights.filter((each) => each.height === undefined).map(({ id }) => id);
    const behind = heights.filter((each) => each.height !== undefined && each.height < height).map(({ id }) => id);
    return [
        silent.length > 0
            ? problem(
                  'peers',
                  `no answer from ${silent.join(', ')}`,
                  'look at their logs in var/logs; `commonwatt up` starts what is not there',
              )
            : behind.length > 0
              ? note('peers', `${behind.join(', ')} have not reached block ${height - 1} yet`)
              : well('peers', `all have ${height} blocks`),
        ...(await checkReadModel(readModelFile(layout, whose), height, now)),
    ];
}

/** The newest block's time is its clients' word, made on their clocks. */
async function checkReadModel(file: string, height: number, now: () => number): Promise<Finding[]> {
    if (!existsSync(file)) {
        return [note('pages', 'no database of the blocks yet', '`commonwatt serve` makes it')];
    }
    const model = await openReadModel(file);
    try {
        const lag = Math.max(0, height - 1 - ((await model.checkpoint())?.block ?? -1));
        const [newest] = await model.queries.blocks(undefined, 1);
        return [
            lag === 0
                ? well('pages', 'their data are up to the newest block')
                : note('pages', `their data are ${lag} blocks behind`, '`commonwatt serve` takes them up'),
            checkClock(newest?.at ?? undefined, now()),
        ];
    } finally {
        await model.close();
    }
}

/** @param newestMs when the newest block's first transaction was made, by its client */
export function checkClock(newestMs: number | undefined, now: number): Finding {
    if (newestMs === undefined) {
        return note('clock', 'no block tells a time', 'keep the clock synchronised (NTP)');
    }
    const ahead = Math.floor(newestMs / 1000) - now;
    return ahead > MOST_AHEAD_SECONDS
        ? problem(
              'clock',
              `the newest block is ${ahead} s ahead of this machine's clock`,
              `synchronise the clock (NTP): peers refuse what is more than ${MOST_AHEAD_SECONDS} s off`,
          )
        : note('clock', `the newest block is ${-ahead} s old by this machine's clock`, 'keep it synchronised (NTP)');
}
