import type { Community, CommunityMember } from '@commonwatt/application/server/schemas/community';
import type { JSX } from 'preact';
import { useResource } from '../api/use-resource';
import { useWords } from '../app/context';
import { Card, Page } from '../parts/page';
import { Empty, Shown } from '../parts/states';
import { Table } from '../parts/table';

/** Who takes part, whose word weighs how much, who decides next, and whose machines keep up. */
export function CommunityPage(): JSX.Element {
    const { t } = useWords();
    const resource = useResource<Community>('community', ['block']);
    return (
        <Page title={t('community.title')}>
            <Shown resource={resource}>{(community) => <CommunityShown community={community} />}</Shown>
        </Page>
    );
}

function CommunityShown({ community }: { readonly community: Community }): JSX.Element {
    const { t, f } = useWords();
    return (
        <>
            <p class="lead">{community.name}</p>
            <Card title={t('community.members', { count: f.count(community.members.length) })}>
                <Members members={community.members} epoch={community.epoch} />
            </Card>
            <div class="columns">
                <Card title={t('community.committee')}>
                    <CommitteeShown committee={community.committee} />
                </Card>
                <Card title={t('community.next')}>
                    {community.next === null ? (
                        <Empty>{t('community.noNext')}</Empty>
                    ) : (
                        <CommitteeShown committee={community.next} />
                    )}
                </Card>
            </div>
            <div class="columns">
                <Card title={t('community.producers')}>
                    <Producers producers={community.producers} />
                </Card>
                <Card title={t('community.peers')}>
                    <Peers peers={community.peers} />
                </Card>
            </div>
        </>
    );
}

const STATUS = { active: 'community.active', suspended: 'community.suspended', left: 'community.left' } as const;

interface MembersProps {
    readonly members: readonly CommunityMember[];
    readonly epoch: string | null;
}

function Members({ members, epoch }: MembersProps): JSX.Element {
    const { t, f } = useWords();
    return (
        <>
            <p class="quiet">{epoch === null ? t('community.noEpoch') : t('community.epoch', { day: f.day(epoch) })}</p>
            <Table
                caption={t('community.membersTable')}
                rows={members}
                keyOf={({ mspId }) => mspId}
                columns={[
                    {
                        title: t('community.member'),
                        cell: ({ name, isOwn }) => (
                            <>
                                {name}
                                {isOwn && <span class="tag">{t('community.you')}</span>}
                            </>
                        ),
                    },
                    { title: t('community.status'), cell: ({ status }) => t(STATUS[status]) },
                    {
                        title: t('community.generates'),
                        cell: ({ prosumer }) => t(prosumer ? 'community.yes' : 'community.no'),
                    },
                    {
                        title: t('community.weight'),
                        isNumber: true,
                        cell: ({ weightPpm }) => (weightPpm === null ? '–' : f.percent(weightPpm)),
                    },
                    {
                        title: t('community.tokens'),
                        isNumber: true,
                        cell: ({ stake }) => (stake === null ? '–' : f.count(stake.energyTokens)),
                    },
                    {
                        title: t('community.age'),
                        isNumber: true,
                        cell: ({ stake }) => (stake === null ? '–' : f.count(stake.age)),
                    },
                    {
                        title: t('community.reputation'),
                        isNumber: true,
                        cell: ({ stake }) => (stake === null ? '–' : f.count(stake.reputation)),
                    },
                ]}
            />
        </>
    );
}

function CommitteeShown({ committee }: { readonly committee: Community['committee'] }): JSX.Element {
    const { t, f } = useWords();
    if (committee === null) {
        return <Empty>{t('community.noCommittee')}</Empty>;
    }
    const whole = committee.seats.reduce((sum, { weight }) => sum + BigInt(weight), 0n);
    const share = (weight: string): bigint => (whole === 0n ? 0n : (BigInt(weight) * 1_000_000n) / whole);
    const since = t('community.serves', { time: f.slotDayAndTime(committee.fromSlot) });
    const how =
        committee.electedIn === null
            ? t('community.appointed')
            : t('community.elected', { day: f.day(committee.electedIn) });
    return (
        <>
            <p class="quiet">
                {since} {how}
            </p>
            <Table
                caption={t('community.seats')}
                rows={committee.seats}
                keyOf={({ mspId }) => mspId}
                columns={[
                    { title: t('community.member'), cell: ({ name }) => name },
                    { title: t('community.share'), isNumber: true, cell: ({ weight }) => f.percent(share(weight)) },
                ]}
            />
        </>
    );
}

function Producers({ producers: { from, to, by } }: { readonly producers: Community['producers'] }): JSX.Element {
    const { t, f } = useWords();
    if (by.length === 0) {
        return <Empty>{t('community.noProducers')}</Empty>;
    }
    return (
        <>
            <p class="quiet">{t('community.range', { from: f.count(from), to: f.count(to) })}</p>
            <Table
                caption={t('community.producers')}
                rows={by}
                keyOf={({ mspId }) => mspId}
                columns={[
                    { title: t('community.member'), cell: ({ name }) => name },
                    { title: t('community.produced'), isNumber: true, cell: ({ blocks }) => f.count(blocks) },
                    { title: t('community.power'), isNumber: true, cell: ({ power }) => f.count(power) },
                ]}
            />
        </>
    );
}

function Peers({ peers }: { readonly peers: Community['peers'] }): JSX.Element {
    const { t, f } = useWords();
    const highest = Math.max(0, ...peers.map(({ height }) => Number(height ?? 0)));
    if (peers.length === 0) {
        return <Empty>{t('community.noPeers')}</Empty>;
    }
    return (
        <Table
            caption={t('community.peers')}
            rows={peers}
            keyOf={({ mspId }) => mspId}
            columns={[
                { title: t('community.member'), cell: ({ name }) => name },
                {
                    title: t('community.height'),
                    isNumber: true,
                    cell: ({ height }) => (height === null ? t('community.silent') : f.count(height)),
                },
                {
                    title: t('community.behind'),
                    isNumber: true,
                    cell: ({ height }) => (height === null ? '–' : f.count(highest - Number(height))),
                },
            ]}
        />
    );
}
