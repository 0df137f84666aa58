import { z } from 'zod';
import { day, mspId, naturalSum, note, publicKey, slot, version } from '../wire';
import * as record from '../records';
import { ALWAYS, GOVERNANCE, OWN_PEER, PRIVATE, specify } from './specification';

const changed = z.strictObject({ version });
const standingChange = z.strictObject({ mspId, fromDay: day, reason: note });
const OPERATOR_ONLY = [...ALWAYS, 'NOT_ESTABLISHED', 'FORBIDDEN'] as const;
const STANDING = ['MEMBER_UNKNOWN', 'EFFECT_TOO_EARLY', 'STANDING_UNCHANGED'] as const;

const submit = {
    chaincode: 'governance',
    kind: 'submit',
    transient: {},
    response: changed,
    endorsers: GOVERNANCE,
    attested: 'Do you agree to this decision of the community?',
} as const;
const query = { chaincode: 'governance', kind: 'evaluate', transient: {}, events: [], endorsers: OWN_PEER } as const;

export const GOVERNANCE_TRANSACTIONS = {
    'community:establish': specify({
        ...submit,
        name: 'community:establish',
        does: 'found the community: its area, clock, rules and roles; the caller must be the grid operator that it names',
        args: record.charter.pick({
            name: true,
            clock: true,
            area: true,
            gridConnections: true,
            rules: true,
            roles: true,
            operatorKey: true,
        }),
        events: ['CommunityEstablished'],
        refusals: [...ALWAYS, 'ALREADY_ESTABLISHED', 'FORBIDDEN', 'NO_GRID_CONNECTION', 'KEY_INVALID', 'TERMS_INVALID'],
    }),
    'community:admit': specify({
        ...submit,
        name: 'community:admit',
        does: 'admit households, all or none: the rules of admission are checked on the private applications',
        args: z.strictObject({
            applications: z
                .array(
                    record.member
                        .pick({
                            mspId: true,
                            ownerKey: true,
                            importLimitW: true,
                            exportLimitW: true,
                            prosumer: true,
                            zone: true,
                        })
                        .extend({ meters: z.array(record.meter).length(1), fromDay: day }),
                )
                .min(1)
                .max(50),
        }),
        transient: { applications: z.array(record.application).min(1).max(50) },
        events: ['MembersAdmitted'],
        refusals: [
            ...PRIVATE,
            'NOT_ESTABLISHED',
            'FORBIDDEN',
            'RECORD_WRONG',
            'MEMBER_EXISTS',
            'EFFECT_TOO_EARLY',
            'KEY_INVALID',
            'OUTSIDE_AREA',
            'NO_GRID_CONNECTION',
            'NO_GENERATION_METER',
            'GENERATOR_NOT_COMMON',
            'METER_UNKNOWN',
            'MONITOR_SILENT',
            'SIGNATURE_INVALID',
        ],
    }),
    'community:suspend': specify({
        ...submit,
        name: 'community:suspend',
        does: 'suspend a member from a day on',
        args: standingChange,
        events: ['StandingChanged'],
        refusals: [...OPERATOR_ONLY, ...STANDING],
    }),
    'community:reinstate': specify({
        ...submit,
        name: 'community:reinstate',
        does: 'make a suspended member active again from a day on',
        args: standingChange,
        events: ['StandingChanged'],
        refusals: [...OPERATOR_ONLY, ...STANDING],
    }),
    'community:leave': specify({
        ...submit,
        name: 'community:leave',
        does: 'end a membership from a day on; asked for by the member itself or by the operator',
        args: standingChange,
        events: ['StandingChanged'],
        refusals: [...OPERATOR_ONLY, ...STANDING],
    }),
    'community:replaceMeter': specify({
        ...submit,
        name: 'community:replaceMeter',
        does: "put another meter in the place of a member's: in the slot of the replacement both count",
        args: z.strictObject({ mspId, slot, meter: record.meter }),
        events: ['MeterReplaced'],
        refusals: [...OPERATOR_ONLY, 'MEMBER_UNKNOWN', 'KEY_INVALID', 'METER_EXISTS'],
    }),
    'community:assignRole': specify({
        ...submit,
        name: 'community:assignRole',
        does: 'assign a role to an organisation, with the key it signs with where it needs one: an attribute in a certificate never counts',
        args: z.strictObject({ role: record.role, mspId, key: publicKey.optional() }),
        events: ['RoleAssigned'],
        refusals: [...OPERATOR_ONLY, 'ROLE_TAKEN', 'MEMBER_EXISTS', 'ROLE_FIXED', 'KEY_INVALID'],
    }),
    'community:limitAccount': specify({
        ...submit,
        name: 'community:limitAccount',
        does: 'set what one member may have on its account of money; null: what the rules say for all',
        args: z.strictObject({ mspId, limitNanos: naturalSum.nullable() }),
        events: ['AccountLimited'],
        refusals: [...OPERATOR_ONLY, 'MEMBER_UNKNOWN'],
    }),
    'community:list': specify({
        ...query,
        name: 'community:list',
        does: 'all members, by MSP id',
        args: z.strictObject({}),
        response: z.array(record.member),
        refusals: [...ALWAYS, 'NOT_ESTABLISHED'],
    }),
    'community:member': specify({
        ...query,
        name: 'community:member',
        does: 'one member',
        args: z.strictObject({ mspId }),
        response: record.member,
        refusals: [...ALWAYS, 'NOT_ESTABLISHED', 'MEMBER_UNKNOWN'],
    }),
    'tariffs:schedule': specify({
        ...submit,
        name: 'tariffs:schedule',
        does: 'let tariffs and market parameters apply on a range of days; overlaps are refused',
        args: record.terms,
        events: ['TermsScheduled'],
        refusals: [...OPERATOR_ONLY, 'TERMS_INVALID', 'EFFECT_TOO_EARLY', 'TERMS_OVERLAP'],
    }),
    'tariffs:list': specify({
        ...query,
        name: 'tariffs:list',
        does: 'all terms, earliest first',
        args: z.strictObject({}),
        response: z.array(record.terms),
        refusals: [...ALWAYS, 'NOT_ESTABLISHED'],
    }),
    'committee:appoint': specify({
        ...submit,
        name: 'committee:appoint',
        does: 'appoint the committee that closes and clears rounds from a slot on',
        args: record.appointment,
        events: ['CommitteeAppointed'],
        refusals: [...OPERATOR_ONLY, 'COMMITTEE_INVALID', 'MEMBER_UNKNOWN', 'EFFECT_TOO_EARLY', 'COMMITTEE_EXISTS'],
    }),
    'committee:current': specify({
        ...query,
        name: 'committee:current',
        does: 'the committee that serves in a slot',
        args: z.strictObject({ slot }),
        response: record.committeeTerm,
        refusals: [...ALWAYS, 'NOT_ESTABLISHED', 'COMMITTEE_MISSING'],
    }),
    'charter:document': specify({
        ...query,
        name: 'charter:document',
        does: 'the whole of governance as one document; the market calls this',
        args: z.strictObject({}),
        response: record.charter,
        refusals: [...ALWAYS, 'NOT_ESTABLISHED'],
    }),
} as const;
