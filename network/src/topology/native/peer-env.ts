import type { Layout, UserFiles } from '../layout';
import { seats, type Organisation, type Topology } from '../topology';
import { writeCoreYaml } from './node-files';
import { hostPort } from './ports';

/**
 * The environment in which Fabric's `peer` command acts for a member of an organisation at its own peer, as lines for a shell; writes
 * the `core.yaml` that the command insists on. `ORDERER_ADDRESS`, `ORDERER_CA`, `CHANNEL` and `TLS_ROOT_<ID>` are not read by the command: they
 * save typing.
 */
export function peerEnvironment(
    topology: Topology,
    layout: Layout,
    organisation: Organisation,
    member: 'admin' | 'agent',
): string {
    const files = layout.organisation(organisation);
    const [seat] = seats(topology).toSorted((one, other) => own(other, organisation) - own(one, organisation));
    const variables = {
        FABRIC_CFG_PATH: writeCoreYaml(organisation, layout, undefined, { folder: `command-${organisation.id}` }),
        CORE_PEER_ID: `command.${organisation.domain}`,
        CORE_PEER_ADDRESS: hostPort(organisation.peer),
        CORE_PEER_LOCALMSPID: organisation.mspId,
        CORE_PEER_MSPCONFIGPATH: files[member].msp,
        CORE_PEER_TLS_ENABLED: 'true',
        CORE_PEER_TLS_ROOTCERT_FILE: files.tlsCa.certificate,
        ...tlsClient(topology, files[member]),
        CHANNEL: topology.channel,
        ...(seat && {
            ORDERER_ADDRESS: hostPort(seat.orderingSeat),
            ORDERER_CA: layout.organisation(seat).tlsCa.certificate,
        }),
        ...Object.fromEntries(
            topology.organisations.flatMap((each) => [
                [`PEER_${each.id}`, hostPort(each.peer)],
                [`TLS_ROOT_${each.id}`, layout.organisation(each).tlsCa.certificate],
            ]),
        ),
    };
    return Object.entries(variables)
        .map(([name, value]) => `export ${name}=${quoted(value)}`)
        .join('\n');
}

/** Where nodes ask for TLS certificates. The command wants to be told of its own once more in options where it talks to an orderer. */
function tlsClient({ network }: Topology, { tls }: UserFiles): Readonly<Record<string, string>> {
    if (network.clientAuthRequired !== true) return {};
    return {
        CORE_PEER_TLS_CLIENTAUTHREQUIRED: 'true',
        CORE_PEER_TLS_CLIENTCERT_FILE: tls.certificate,
        CORE_PEER_TLS_CLIENTKEY_FILE: tls.key,
    };
}

function own(seat: Organisation, organisation: Organisation): number {
    return seat.id === organisation.id ? 1 : 0;
}

/** For a POSIX shell, whatever the folder is called. */
function quoted(text: string): string {
    return `'${text.replaceAll("'", `'\\''`)}'`;
}
