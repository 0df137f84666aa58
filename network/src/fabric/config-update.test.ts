import { beforeAll, describe, expect, test } from '@jest/globals';
import { common, orderer } from '@hyperledger/fabric-protos';
import type { Bundle } from './channel-config';
import {
    ConfigUpdateRefused,
    acceptedConfig,
    assertUnambiguousUpdate,
    computeConfigUpdate,
    configEnvelope,
    configUpdateEnvelope,
    proposedConfig,
    signConfigUpdate,
} from './config-update';
import { addValue, newGroup } from './channel/groups';
import { parseEnvelope } from './envelopes';
import { parsePolicy, signaturePolicyEnvelope } from './policy';
import { ConfigChannel, groupAt, type Edit } from './testing/config-channel';

const GOVERNORS = ['DSO.admin', 'H1.admin', 'H2.admin', 'H3.admin'];
let channel: ConfigChannel;

beforeAll(async () => {
    channel = await ConfigChannel.create();
});

const propose = (edit: Edit, signers: readonly string[], on = channel): Bundle =>
    proposedConfig(on.bundle, on.signed(on.update(edit), signers)).next;

const batchTimeout =
    (timeout: string): Edit =>
    (group) => {
        const value = new orderer.BatchTimeout();
        value.setTimeout(timeout);
        groupAt(group, 'Orderer').getValuesMap().get('BatchTimeout')?.setValue(value.serializeBinary());
    };

const policy =
    (path: string, name: string, text: string): Edit =>
    (group) => {
        const bytes = signaturePolicyEnvelope(parsePolicy(text)).serializeBinary();
        groupAt(group, path).getPoliciesMap().get(name)?.getPolicy()?.setValue(bytes);
    };

const withoutH4: Edit = (group) => {
    groupAt(group, 'Application').getGroupsMap().del('H4');
};

const modPolicy =
    (path: string, name: string): Edit =>
    (group) => {
        groupAt(group, path).setModPolicy(name);
    };

describe('an update between two configurations', () => {
    test('leads from the one to the other, with the next sequence and the versions of what changed', () => {
        const next = propose((group) => {
            withoutH4(group);
            policy('Application', 'Market', "AND('DSO.peer', 'H1.peer')")(group);
        }, GOVERNORS);
        expect(next.sequence).toBe(1);
        expect([...next.applicationOrgs.keys()].toSorted()).toEqual(['DSO', 'H1', 'H2', 'H3']);
        const application = groupAt(next.config.getChannelGroup() ?? new common.ConfigGroup(), 'Application');
        expect(application.getVersion()).toBe(1);
        expect(application.getPoliciesMap().get('Market')?.getVersion()).toBe(1);
        expect(application.getPoliciesMap().get('Governance')?.getVersion()).toBe(0);
    });

    test('reads and writes no more than what changed', () => {
        const update = common.ConfigUpdate.deserializeBinary(channel.update(batchTimeout('1s')));
        const write = update.getWriteSet() ?? new common.ConfigGroup();
        expect(write.getGroupsMap().getLength()).toBe(1);
        expect(groupAt(write, 'Orderer').getValuesMap().getLength()).toBe(1);
        expect(groupAt(write, 'Orderer').getPoliciesMap().getLength()).toBe(0);
        expect(
            groupAt(update.getReadSet() ?? write, 'Orderer')
                .getValuesMap()
                .getLength(),
        ).toBe(0);
    });

    test('does not exist where they do not differ', () => {
        expect(() => computeConfigUpdate('community', channel.group, channel.group)).toThrow(ConfigUpdateRefused);
    });

    test('is signed again and applied to what the first one made', () => {
        const second = channel.at(propose(withoutH4, GOVERNORS));
        expect(propose(batchTimeout('1s'), ['H1.admin', 'H2.admin', 'H3.admin'], second).sequence).toBe(2);
    });
});

describe('who may change what', () => {
    const groups: readonly { what: string; edit: Edit; enough: readonly string[]; tooFew: readonly string[] }[] = [
        {
            what: 'the members: the grid operator and a majority of households',
            edit: withoutH4,
            enough: GOVERNORS,
            tooFew: ['DSO.admin', 'H1.admin', 'H2.admin'],
        },
        {
            what: 'the members: not without the grid operator',
            edit: withoutH4,
            enough: GOVERNORS,
            tooFew: ['H1.admin', 'H2.admin', 'H3.admin', 'H4.admin'],
        },
        {
            what: 'the members: administrators, not peers, clients or the same one three times',
            edit: withoutH4,
            enough: GOVERNORS,
            tooFew: ['DSO.admin', 'H1.admin', 'H1.admin', 'H1.admin', 'H2.peer', 'H3.client'],
        },
        {
            what: 'the endorsement policy of the market',
            edit: policy('Application', 'Market', "OR('H1.peer')"),
            enough: GOVERNORS,
            tooFew: ['H1.admin', 'H2.admin', 'H3.admin', 'H4.admin'],
        },
        {
            what: 'ordering: more than two thirds of the seats',
            edit: batchTimeout('1s'),
            enough: ['H1.admin', 'H2.admin', 'H3.admin'],
            tooFew: ['H1.admin', 'H2.admin', 'DSO.admin'],
        },
        {
            what: "an organisation's own group: its own administrator",
            edit: policy('Application/H2', 'Endorsement', "OR('H2.peer', 'H2.admin')"),
            enough: ['H2.admin'],
            tooFew: GOVERNORS.filter((name) => name !== 'H2.admin'),
        },
        {
            what: 'the policy that changes an organisation: the organisation itself, by the old one',
            edit: modPolicy('Application/H2', '/Channel/Application/Admins'),
            enough: ['H2.admin'],
            tooFew: GOVERNORS.filter((name) => name !== 'H2.admin'),
        },
    ];
    test.each(groups)('$what', ({ edit, enough, tooFew }) => {
        expect(propose(edit, enough).sequence).toBe(1);
        expect(() => propose(edit, tooFew)).toThrow(/^the signatures do not satisfy Admins, the policy that changes/);
    });

    test('a policy named by its absolute path is asked from then on', () => {
        const locked = channel.at(propose(modPolicy('Application/H2', '/Channel/Application/Admins'), ['H2.admin']));
        const back = modPolicy('Application/H2', 'Admins');
        expect(() => propose(back, ['H2.admin'], locked)).toThrow(/do not satisfy \/Channel\/Application\/Admins/);
        expect(propose(back, GOVERNORS, locked).sequence).toBe(2);
    });

    test('a policy that is not there is satisfied by nobody', () => {
        const locked = channel.at(propose(modPolicy('Application/H2', 'Nobody'), ['H2.admin']));
        expect(() => propose(modPolicy('Application/H2', 'Admins'), [...GOVERNORS, 'H4.admin'], locked)).toThrow(
            /changed by Nobody, which is no policy/,
        );
    });

    test('a signature over another update counts for nothing', () => {
        const other = channel.update(batchTimeout('1s'));
        const update = channel.update(withoutH4);
        const signatures = GOVERNORS.map((name) => signConfigUpdate(other, channel.signer(name)));
        const envelope = configUpdateEnvelope('community', update, signatures, channel.signer('H1.admin'));
        expect(() => proposedConfig(channel.bundle, envelope.serializeBinary())).toThrow(/do not satisfy/);
    });
});

describe('versions', () => {
    const forged = (change: (update: common.ConfigUpdate) => void): Uint8Array => {
        const update = common.ConfigUpdate.deserializeBinary(channel.update(withoutH4));
        change(update);
        return channel.signed(update.serializeBinary(), [...GOVERNORS, 'H4.admin']);
    };
    const write = (update: common.ConfigUpdate): common.ConfigGroup =>
        groupAt(update.getWriteSet() ?? newGroup(), 'Application');
    const read = (update: common.ConfigUpdate): common.ConfigGroup =>
        groupAt(update.getReadSet() ?? newGroup(), 'Application');
    const cases: readonly { what: string; change: (update: common.ConfigUpdate) => void; why: RegExp }[] = [
        {
            what: 'another channel',
            change: (update) => {
                update.setChannelId('other');
            },
            why: /the update is for channel 'other', this is 'community'/,
        },
        {
            what: 'a version that was not read',
            change: (update) => {
                read(update).setVersion(1);
            },
            why: /made for version 1 of group \/Channel\/Application, which is at version 0/,
        },
        {
            what: 'something read that is not there',
            change: (update) => {
                read(update).getGroupsMap().set('H9', newGroup());
            },
            why: /made for group \/Channel\/Application\/H9, which is not there/,
        },
        {
            what: 'a version left out',
            change: (update) => {
                write(update).setVersion(2);
            },
            why: /would get version 2, the next one is 1/,
        },
        {
            what: 'something new with a version',
            change: (update) => {
                const added = newGroup();
                added.setVersion(1);
                write(update).getGroupsMap().set('H9', added);
            },
            why: /H9 is new, so its version is 0 and not 1/,
        },
        {
            what: 'nothing changed',
            change: (update) => {
                write(update).setVersion(0);
            },
            why: /the update changes nothing/,
        },
        {
            what: 'no policy that may change it',
            change: (update) => {
                write(update).setModPolicy('');
            },
            why: /would be changed by '', which cannot name a policy/,
        },
        {
            what: 'a name with a slash in it',
            change: (update) => {
                write(update).getGroupsMap().set('H/9', newGroup());
            },
            why: /'H\/9' cannot name an element/,
        },
    ];
    test.each(cases)('$what', ({ change, why }) => {
        expect(() => proposedConfig(channel.bundle, forged(change))).toThrow(why);
    });

    test('an update that was applied cannot be applied again', () => {
        const envelope = channel.signed(channel.update(withoutH4), GOVERNORS);
        const { next } = proposedConfig(channel.bundle, envelope);
        expect(() => proposedConfig(next, envelope)).toThrow(/which is at version 1|is not there/);
    });
});

describe('what an update may lead to', () => {
    const everybody = [...GOVERNORS, 'H4.admin'];
    const cases: readonly { what: string; edit: Edit; why: RegExp }[] = [
        {
            what: 'a policy that does not compile',
            edit: (group) => {
                groupAt(group, 'Application').getPoliciesMap().get('Market')?.getPolicy()?.setValue('AQID');
            },
            why: /policy \/Channel\/Application\/Market did not compile/,
        },
        {
            what: 'an MSP that says two things',
            edit: (group) => {
                const own = groupAt(group, 'Application/H4').getValuesMap().get('MSP');
                own?.setValue(Buffer.concat([own.getValue_asU8(), Buffer.from([0x08, 0x00])]));
            },
            why: /MSP H4 is configured in two ways/,
        },
        {
            what: 'a capability that peers do not know',
            edit: (group) => {
                const unknown = new common.Capabilities();
                unknown.getCapabilitiesMap().set('V9_9', new common.Capability());
                addValue(groupAt(group, 'Application'), 'Capabilities', unknown);
            },
            why: /application capability V9_9 is not supported/,
        },
        {
            what: 'a value that does not belong there',
            edit: (group) => {
                addValue(groupAt(group, 'Application'), 'BatchTimeout', new orderer.BatchTimeout());
            },
            why: /Application has no value BatchTimeout/,
        },
        {
            what: 'an organisation without an MSP',
            edit: (group) => {
                groupAt(group, 'Application').getGroupsMap().set('H5', newGroup());
            },
            why: /organisation H5 has no MSP/,
        },
        { what: 'a timeout of nothing', edit: batchTimeout('0s'), why: /not positive/ },
        {
            what: 'another MSP under the same name',
            edit: (group) => {
                const other = groupAt(group, 'Application/DSO').getValuesMap().get('MSP');
                const h4 = groupAt(group, 'Application/H4').getValuesMap().get('MSP');
                h4?.setValue(other?.getValue_asU8() ?? '');
            },
            why: /H4 cannot change its MSP from H4 to DSO/,
        },
    ];
    test.each(cases)('not $what', ({ edit, why }) => {
        expect(() => propose(edit, everybody)).toThrow(ConfigUpdateRefused);
        expect(() => propose(edit, everybody)).toThrow(why);
    });
});

describe('a configuration block', () => {
    const data = (edit: Edit, signers: readonly string[]): common.ConfigEnvelope => {
        const update = common.Envelope.deserializeBinary(channel.signed(channel.update(edit), signers));
        const { config } = proposedConfig(channel.bundle, update.serializeBinary());
        const envelope = configEnvelope('community', config, update, channel.signer('H1.orderer'));
        return common.ConfigEnvelope.deserializeBinary(parseEnvelope(envelope.serializeBinary()).data);
    };

    test('is accepted where its update leads to its configuration', () => {
        const next = acceptedConfig(channel.bundle, data(withoutH4, GOVERNORS).serializeBinary());
        expect(next.applicationOrgs.has('H4')).toBe(false);
    });

    const cases: readonly { what: string; change: (config: common.ConfigEnvelope) => void; why: RegExp }[] = [
        {
            what: 'another configuration than its update leads to',
            change: (envelope) => {
                groupAt(envelope.getConfig()?.getChannelGroup() ?? newGroup(), 'Application')
                    .getGroupsMap()
                    .del('H3');
            },
            why: /is not the one that its update leads to/,
        },
        {
            what: 'a sequence left out',
            change: (envelope) => {
                envelope.getConfig()?.setSequence(2);
            },
            why: /configuration 2 does not follow configuration 0/,
        },
        {
            what: 'no update',
            change: (envelope) => {
                envelope.clearLastUpdate();
            },
            why: /without its update/,
        },
    ];
    test.each(cases)('is refused with $what', ({ change, why }) => {
        const envelope = data(withoutH4, GOVERNORS);
        change(envelope);
        expect(() => acceptedConfig(channel.bundle, envelope.serializeBinary())).toThrow(why);
    });
});

describe('bytes that decoders may read in different ways', () => {
    const inPolicy =
        (name: string, bytes: Buffer): Edit =>
        (group) => {
            groupAt(group, 'Application').getPoliciesMap().get(name)?.getPolicy()?.setValue(bytes);
        };
    const cases: readonly { what: string; update: () => Uint8Array; why?: string }[] = [
        { what: 'none', update: () => channel.update(withoutH4) },
        {
            what: 'a field that is not known',
            update: () => Buffer.concat([channel.update(withoutH4), Buffer.from([0xf8, 0x07, 0x01])]),
            why: 'the configuration update holds what not every decoder reads',
        },
        {
            what: 'text in a policy that is no UTF-8',
            update: () => channel.update(inPolicy('Endorsement', Buffer.from([0x0a, 0x02, 0xff, 0xfe]))),
            why: 'policy /Channel/Application/Endorsement holds what not every decoder reads',
        },
        {
            what: 'a field of a policy given twice',
            update: () => channel.update(inPolicy('Market', Buffer.from([0x08, 0x00, 0x08, 0x00]))),
            why: 'policy /Channel/Application/Market holds what not every decoder reads',
        },
    ];
    test.each(cases)('$what', ({ update, why }) => {
        const check = (): void => {
            assertUnambiguousUpdate(channel.signed(update(), GOVERNORS));
        };
        if (why === undefined) expect(check).not.toThrow();
        else expect(check).toThrow(why);
    });
});
