import type { Group, Scenario, Step } from './scenario';
import { SCENARIOS } from './scenarios';

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
const row = (...cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;

/** The page of the documentation: what is played, what Fabric does, and whether the embedded peer does the same. */
export function conformancePage(groups: readonly Group[] = SCENARIOS): string {
    const scenarios = groups.flatMap((group) => group.scenarios);
    const shown = scenarios.filter(({ notNative }) => notNative === undefined);
    const differing = scenarios.filter(({ differs }) => differs !== undefined);
    return `# Conformance

${scenarios.length} scenarios hold the embedded peer to Fabric's. \`npm run conformance\` plays all of them to the embedded peer; where Fabric's
binaries are found (\`FABRIC_BIN\`, then PATH) it plays ${shown.length} of them to a Fabric peer at the same time. The two are twins: peers of one household with
the same certificate, on one channel, with one ordering service that hands both the same blocks, and with one chaincode service that both call.
Without binaries the native run is reported as skipped, by count.

What is compared, byte by byte:

- of a block: validation codes, the commit hash (Fabric's own digest over codes and every change of public and hashed state, chained from block to block), and all
  other bytes of the block as the peer stored it;
- of an answer to a proposal: status, message, payload, read-write set with private hashes, the bytes that the endorser signs, who endorsed. Where a scenario says what
  a message has to say, the rest of its wording is not compared; payloads with maps, which Go encodes in random order, are compared by content;
- of an orderer's answer: the status, by which clients act. Ours and Fabric's \`orderer\` with Raft, where it is found, have a channel each and get the same
  envelopes;
- of a gateway's answer: status of the connection and message, or the result.

Signatures are random and not compared. ${scenarios.length - shown.length} scenarios are not shown to a Fabric peer, because it would not survive them: our ordering service refuses
such envelopes, and the embedded peer goes on if they come from elsewhere. ${differing.length === 0 ? 'Nothing else differs.' : `On purpose different: ${differing.length}.`}

\`--json\` prints \`scenarios\`, \`embedded\` and \`native\` with \`passed\`, \`failed\` and \`skipped\`, \`differences\` (those that this page does not explain),
\`explained\` and \`failures\`.

${groups.map(section).join('\n\n')}
`;
}

function section({ title, scenarios }: Group): string {
    const rows = scenarios.map((scenario) => row(scenario.name, scenario.fabric, outcome(scenario), verdict(scenario)));
    return [
        `## ${title}`,
        '',
        row('scenario', 'what Fabric does', 'outcome', 'embedded'),
        row('---', '---', '---', '---'),
        ...rows,
    ].join('\n');
}

function verdict({ notNative, differs }: Scenario): string {
    if (notNative !== undefined) return `goes on, where a Fabric peer ${notNative}`;
    return differs === undefined ? 'the same' : `differs: ${differs}`;
}

function outcome({ steps }: Scenario): string {
    return [...new Set(steps.map(outcomeOf))].join('; ');
}

function outcomeOf(step: Step): string {
    if (step.kind === 'spoiled block') return 'refused, then healed by a good block';
    if (step.kind === 'block') return step.codes.map((code) => `\`${code}\``).join(' ');
    if (step.kind === 'broadcast') return `\`${step.answer.status}\``;
    const { refused, status, message } = step.answer;
    const said = message === undefined ? '' : ` "${message}"`;
    return `${refused ?? (status === undefined ? 'answered' : String(status))}${said}`;
}
