import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { cometSeats } from '../comet/plans';
import { chaincodePackage } from '../deploy/package';
import type { Layout, OrganisationLayout } from '../layout';
import { builderConfiguration } from '../native/builder-config';
import { merged, type Settings } from '../native/node-files';
import { hostPort } from '../native/ports';
import { seats, type Endpoint, type Organisation, type Topology } from '../topology';
import { containers, type Container } from './containers';
import { ENGINE_IN_CONTAINER, imageOf, mountedEngine } from './images';
import { authorityName, CONTAINER_LAYOUT, seenByNodes } from './names';
import { composeTemplate, profileFor, type ComposeTemplate, type Profile } from './template';

/** Share of a container's memory that Node's heap may take. */
const HEAP_SHARE = 0.7;
const CA_PORT = 7054;

/**
 * Folders that last as long as a container runs. Anybody may write in them, whatever the engine takes for their mode: the one that is
 * asked for, or, when a container is started again, the one that our images have there.
 */
const MEMORY_FOLDERS = ['/tmp', CONTAINER_LAYOUT.run].map((folder) => `${folder}:mode=1777`);

export interface ComposeOptions {
    /** `uid:gid` that owns the identities' files: containers run as nobody else. */
    readonly user: string;
}

/**
 * The compose file of a docker network. Every container gets its own organisation's identity and ledger mounted and nobody
 * else's; our ordering service, in which all seats share a process, gets the seats'.
 */
export async function composeFile(topology: Topology, layout: Layout, options: ComposeOptions): Promise<Settings> {
    const template = composeTemplate();
    const file = new ComposeFile(topology, layout, options, template);
    const services = await Promise.all(
        containers(topology).map(async (each) => [each.name, await file.service(each)] as const),
    );
    const authorities = topology.organisations.map((each) => [`ca-${each.id}`, file.authority(each)] as const);
    return { services: Object.fromEntries([...services, ...authorities]), networks: { default: { driver: 'bridge' } } };
}

class ComposeFile {
    private readonly profile: Profile;

    constructor(
        private readonly topology: Topology,
        private readonly layout: Layout,
        private readonly options: ComposeOptions,
        private readonly template: ComposeTemplate,
    ) {
        this.profile = profileFor(template, topology.homes.length);
    }

    async service(container: Container): Promise<Settings> {
        const { kind, aliases, published } = container;
        return merged(merged(this.template.services[kind], this.limits(kind)), {
            user: this.options.user,
            hostname: aliases[0],
            networks: { default: { aliases: [...aliases] } },
            ports: published.map(({ host, port }) => `${host}:${port}:${port}`),
            healthcheck: this.health(container),
            ...(await this.own(container)),
        });
    }

    /** Issues an organisation's certificates with the key that the channel knows. Reached through the loopback interface only. */
    authority(owner: Organisation): Settings {
        const { ca } = CONTAINER_LAYOUT.organisation(owner);
        const { host, port } = publishedAuthority(owner);
        const tls = authorityTls(owner, CONTAINER_LAYOUT);
        return merged(merged(this.template.services['fabric-ca'], this.limits('fabric-ca')), {
            user: this.options.user,
            hostname: authorityName(owner),
            networks: { default: { aliases: [authorityName(owner)] } },
            ports: [`${host}:${port}:${CA_PORT}`],
            healthcheck: {
                test: [
                    ...['CMD', 'fabric-ca-client', 'getcainfo', '--home', '/tmp/health'],
                    ...['--url', `https://localhost:${CA_PORT}`, '--tls.certfiles', tls.certificate],
                ],
                interval: '30s',
                timeout: '10s',
                retries: 3,
            },
            // Name and password of its administrator; read by compose itself, so neither stands in this file.
            env_file: [authoritySecret(owner, this.layout)],
            environment: {
                FABRIC_CA_SERVER_HOME: join(CONTAINER_LAYOUT.var, 'ca'),
                FABRIC_CA_SERVER_CA_NAME: authorityName(owner),
                FABRIC_CA_SERVER_CA_CERTFILE: ca.certificate,
                FABRIC_CA_SERVER_CA_KEYFILE: ca.key,
                FABRIC_CA_SERVER_PORT: String(CA_PORT),
                FABRIC_CA_SERVER_TLS_ENABLED: 'true',
                FABRIC_CA_SERVER_TLS_CERTFILE: tls.certificate,
                FABRIC_CA_SERVER_TLS_KEYFILE: tls.key,
            },
            volumes: [
                this.readOnly((layout) => join(layout.organisation(owner).directory, 'ca')),
                this.readOnly((layout) => authorityTls(owner, layout).directory),
                this.writable((layout) => authorityFolder(owner, layout), join(CONTAINER_LAYOUT.var, 'ca')),
            ],
        });
    }

    private limits(kind: keyof Profile['limits']): Settings {
        const { memory, cpus } = this.profile.limits[kind];
        // The engine refuses more CPUs than there are.
        return { mem_limit: `${memory}m`, cpus: Math.min(cpus, availableParallelism()) };
    }

    /** A connection to all that it serves, opened by the shell itself: images of ours and of Fabric's have bash and not much else. */
    private health({ serves }: Container): Settings {
        const probes = serves.map(({ host, port }) => `exec 3<>/dev/tcp/${host}/${port}`);
        return {
            test: ['CMD', 'bash', '-c', probes.join(' && ')],
            interval: `${this.profile.healthEverySeconds}s`,
            timeout: '5s',
            retries: 6,
            start_period: '30s',
        };
    }

    private own(container: Container): Promise<Settings> | Settings {
        switch (container.kind) {
            case 'ordering':
                return this.ordering();
            case 'ordering-seat':
                return this.orderingSeat(ownerOf(container));
            case 'fabric-orderer':
                return this.fabricOrderer(container);
            case 'peer':
                return this.peer(ownerOf(container));
            case 'fabric-peer':
                return this.fabricPeer(container, ownerOf(container));
            case 'chaincode':
                return this.chaincode(container, ownerOf(container));
        }
    }

    private ordering(): Settings {
        return {
            environment: this.heap('ordering'),
            tmpfs: MEMORY_FOLDERS,
            volumes: [
                ...this.channel(),
                ...seats(this.topology).flatMap((each) => [
                    this.readOnly((layout) => ordererFolder(each, layout)),
                    // Who may administer the seat: its own organisation's nodes.
                    this.readOnly((layout) => layout.organisation(each).tlsCa.certificate),
                ]),
                this.writable(({ ordering }) => ordering),
            ],
        };
    }

    /** With the keys of its own seat only. */
    private orderingSeat(owner: Organisation): Settings {
        const engine = mountedEngine();
        return {
            image: this.template.services[imageOf('ordering-seat')].image,
            command: ['--seat', owner.id],
            environment: this.heap('ordering-seat'),
            tmpfs: MEMORY_FOLDERS,
            volumes: [
                ...this.channel(),
                this.readOnly((layout) => ordererFolder(owner, layout)),
                ...this.trustedBy(owner).map((each) =>
                    this.readOnly((layout) => layout.organisation(each).tlsCa.certificate),
                ),
                this.writable((layout) => layout.seat(owner.id).directory),
                this.writable((layout) => seatLogs(owner, layout), CONTAINER_LAYOUT.logs),
                ...(engine === undefined ? [] : [`${engine}:${ENGINE_IN_CONTAINER}:ro`]),
            ],
        };
    }

    /** Whose TLS certificates a seat lets in before it has a configuration: its own organisation's nodes, and where clients are asked for them the other seats. */
    private trustedBy(owner: Organisation): readonly Organisation[] {
        return this.topology.network.clientAuthRequired === true ? seats(this.topology) : [owner];
    }

    private fabricOrderer(container: Container): Settings {
        const owner = ownerOf(container);
        return {
            environment: { FABRIC_CFG_PATH: CONTAINER_LAYOUT.fabricConfiguration(container.name) },
            volumes: [
                this.readOnly((layout) => layout.fabricConfiguration(container.name)),
                this.readOnly((layout) => ordererFolder(owner, layout)),
                this.readOnly((layout) => layout.organisation(owner).tlsCa.certificate),
                this.writable((layout) => join(layout.ordering, owner.id)),
            ],
        };
    }

    private peer(owner: Organisation): Settings {
        return {
            command: ['--only', owner.id],
            environment: this.heap('peer'),
            tmpfs: MEMORY_FOLDERS,
            volumes: [
                ...this.channel(),
                this.readOnly((layout) => peerFolder(owner, layout)),
                ...(['root', 'clientCertificate', 'clientKey'] as const).map((file) =>
                    this.readOnly((layout) => layout.chaincodeTlsOf(owner.id)[file]),
                ),
                this.writable((layout) => layout.ledger(owner.id)),
            ],
        };
    }

    private fabricPeer({ name }: Container, owner: Organisation): Settings {
        const builder = builderConfiguration(seenByNodes(this.topology), this.layout, owner);
        return {
            environment: {
                FABRIC_CFG_PATH: CONTAINER_LAYOUT.fabricConfiguration(name),
                // Compose would fill in what follows a dollar sign.
                CHAINCODE_AS_A_SERVICE_BUILDER_CONFIG: JSON.stringify(builder).replaceAll('$', '$$$$'),
            },
            volumes: [
                this.readOnly((layout) => layout.fabricConfiguration(name)),
                this.readOnly((layout) => peerFolder(owner, layout)),
                this.writable((layout) => layout.ledger(owner.id)),
            ],
        };
    }

    private async chaincode({ chaincode, serves }: Container, owner: Organisation): Promise<Settings> {
        const [endpoint] = serves;
        if (chaincode === undefined || endpoint === undefined) {
            throw new Error('a chaincode container without its chaincode');
        }
        const { packageId } = await chaincodePackage(chaincode, this.layout);
        const tls = CONTAINER_LAYOUT.chaincodeTlsOf(owner.id);
        const attestationOf = (layout: Layout): OrganisationLayout['attestation'] =>
            layout.organisation(owner).attestation;
        const isAttested = existsSync(attestationOf(this.layout).file);
        return {
            command: [...chaincode.start],
            environment: {
                ...this.heap('chaincode'),
                CHAINCODE_ID: packageId,
                CHAINCODE_SERVER_ADDRESS: hostPort({ ...endpoint, host: '0.0.0.0' }),
                CHAINCODE_TLS_CERT_FILE: tls.serverCertificate,
                CHAINCODE_TLS_KEY_FILE: tls.serverKey,
                CHAINCODE_TLS_CLIENT_CACERT_FILE: tls.root,
                CHAINCODE_SERVES: owner.mspId,
                ...(isAttested ? { CHAINCODE_ATTESTATION_FILE: attestationOf(CONTAINER_LAYOUT).file } : {}),
            },
            volumes: [
                ...(['root', 'serverCertificate', 'serverKey'] as const).map((file) =>
                    this.readOnly((layout) => layout.chaincodeTlsOf(owner.id)[file]),
                ),
                // With the socket of the organisation's own service in it: writable, or nobody could connect.
                ...(isAttested ? [this.writable((layout) => attestationOf(layout).directory)] : []),
            ],
        };
    }

    private heap(kind: 'peer' | 'ordering' | 'ordering-seat' | 'chaincode'): Settings {
        const megabytes = Math.floor(this.profile.limits[kind].memory * HEAP_SHARE);
        return { NODE_OPTIONS: `--max-old-space-size=${megabytes}` };
    }

    /** What each of our nodes reads of the network. */
    private channel(): readonly string[] {
        return [
            `${nodesTopologyFile(this.layout)}:${CONTAINER_LAYOUT.topologyFile}:ro`,
            this.readOnly(({ genesisBlock }) => genesisBlock),
        ];
    }

    private readOnly(path: (layout: Layout) => string): string {
        return `${path(this.layout)}:${path(CONTAINER_LAYOUT)}:ro`;
    }

    private writable(path: (layout: Layout) => string, inside: string = path(CONTAINER_LAYOUT)): string {
        return `${path(this.layout)}:${inside}`;
    }
}

/** Distance of an authority's published port from the peer's. */
const AUTHORITY_SHIFT = 700;

/** The topology as containers see it. */
export function nodesTopologyFile({ compose }: Layout): string {
    return join(compose, 'topology.json');
}

/** Where clients on this machine reach an organisation's certificate authority. */
export function publishedAuthority({ peer }: Organisation): Endpoint {
    return { host: peer.host, port: peer.port + AUTHORITY_SHIFT };
}

/** Key and certificate with which an organisation's certificate authority serves. */
export function authorityTls(
    { id }: Pick<Organisation, 'id'>,
    { compose }: Layout,
): { readonly directory: string; readonly certificate: string; readonly key: string } {
    const directory = join(compose, 'ca-tls', id);
    return { directory, certificate: join(directory, 'server.crt'), key: join(directory, 'server.key') };
}

function authorityFolder({ id }: Pick<Organisation, 'id'>, { compose }: Layout): string {
    return join(compose, 'ca', id);
}

/** Where the administrator's name and password of an organisation's certificate authority lie: `FABRIC_CA_SERVER_BOOT=name:password`. */
export function authoritySecret({ id }: Pick<Organisation, 'id'>, { compose }: Layout): string {
    return join(compose, `ca-${id}.env`);
}

/** Where the engine of a seat says what it does. */
function seatLogs({ id }: Pick<Organisation, 'id'>, layout: Layout): string {
    return join(layout.seat(id).directory, 'logs');
}

/** Folders and files of the home in which the containers of a network write. */
export function writableFolders(topology: Topology, layout: Layout): readonly string[] {
    return [
        layout.ordering,
        ...seats(topology).map(({ id }) => join(layout.ordering, id)),
        ...cometSeats(topology).map((each) => seatLogs(each, layout)),
        ...topology.organisations.flatMap(({ id }) => [layout.ledger(id), authorityFolder({ id }, layout)]),
    ];
}

/** Keys that containers read. */
export function readFolders(topology: Topology, layout: Layout): readonly string[] {
    return [
        layout.chaincodeTlsFolder,
        ...seats(topology).map((each) => ordererFolder(each, layout)),
        ...topology.organisations.flatMap((each) => [
            peerFolder(each, layout),
            join(layout.organisation(each).directory, 'ca'),
            authorityTls(each, layout).directory,
        ]),
    ];
}

function peerFolder(owner: Organisation, layout: Layout): string {
    return join(layout.organisation(owner).peer.msp, '..');
}

function ordererFolder(owner: Organisation, layout: Layout): string {
    return join(layout.organisation(owner).orderer.msp, '..');
}

function ownerOf({ name, owner }: Container): Organisation {
    if (owner === undefined) {
        throw new Error(`container ${name} belongs to nobody`);
    }
    return owner;
}
