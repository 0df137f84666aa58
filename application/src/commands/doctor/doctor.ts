import { networkStatus } from '@commonwatt/network/topology/processes/network';
import { CommunityMembers } from '../../community/members';
import { contextOf, print, type CommonOptions } from '../context';
import { EXIT } from '../failure';
import { checkCertificates, checkDisk, checkNode, checkPermissions, checkPorts, checkPrograms } from './checks';
import type { Finding } from './finding';
import { checkLive } from './live-checks';

/** Looks at what usually is in the way and says what to do next. @returns 1 where something is */
export async function doctor(options: CommonOptions): Promise<number> {
    const context = contextOf(options);
    const { topology, layout } = context;
    const status = await networkStatus(topology, layout);
    const findings: Finding[] = [
        checkNode(process.versions.node),
        ...checkPrograms(context, process.env),
        ...(await checkPorts(status)),
        ...(await checkCertificates(context, new Date())),
        ...checkPermissions(context),
        checkDisk(context),
    ];
    if (status.state === 'up') {
        const members = new CommunityMembers(topology, layout);
        try {
            findings.push(...(await checkLive(members, () => Math.floor(Date.now() / 1000))));
        } finally {
            members.close();
        }
    }
    const hasProblem = findings.some(({ state }) => state === 'problem');
    print(options.json === true ? JSON.stringify({ well: !hasProblem, findings }) : textOf(findings));
    return hasProblem ? EXIT.failed : EXIT.done;
}

const SIGNS = { well: 'ok  ', note: 'note', problem: 'BAD ' } as const;

/** Signs are words: no colour is needed to tell them apart. */
function textOf(findings: readonly Finding[]): string {
    return findings
        .flatMap(({ check, state, found, todo }) => [
            `${SIGNS[state]}  ${check}: ${found}`,
            ...(todo === undefined || state === 'well' ? [] : [`        → ${todo}`]),
        ])
        .join('\n');
}
