import { Option, type Command } from 'commander';
import { METER_ID } from '../../household/records';
import { EXPORT_FORMATS, meterExport, type MeterExportOptions } from '../meter/meter-export';
import { FILE_FORMATS, meterImport, type MeterImportOptions } from '../meter/meter-import';
import { meterListen, type MeterListenOptions } from '../meter/meter-listen';
import { meterPublish, type MeterPublishOptions } from '../meter/meter-publish';
import { meterShow, type MeterShowOptions } from '../meter/meter-show';
import { notEmpty, type CommandGroup } from './shared';

const ZONE = ['--zone <zone>', 'clock of local times: UTC+01:00, Europe/Berlin', 'UTC+01:00'] as const;

/** What a home's meter shows, in and out. */
export const meterCommands: CommandGroup = (command, finish) => {
    const meter = command('meter', "what a home's meter shows: read it, look at it, hand it on");
    const part = (name: string, description: string): Command =>
        meter
            .command(name)
            .description(description)
            .configureHelp({ showGlobalOptions: true })
            .argument('<home>', 'H1', notEmpty);
    const named = (on: Command): Command =>
        on.option('--meter <id>', "the meter's name, as the grid operator has it on file", METER_ID);

    named(withBroker(part('listen', "keep what a home's meter says until this command is ended")))
        .option('--p1 <where>', 'P1 port: /dev/ttyUSB0, tcp://host:port, or - for standard input')
        .option('--tasmota <device>', 'the device that sends tele/<device>/SENSOR')
        .option('--import-field <name>', 'where in its message the total from the grid stands', 'ENERGY.Total')
        .option('--export-field <name>', 'where in its message the total to the grid stands, as ENERGY.ExportActive')
        .option('--import-sensor <id>', 'sensor announced for Home Assistant with the total from the grid')
        .option('--export-sensor <id>', 'sensor announced for Home Assistant with the total to the grid')
        .option('--discovery-prefix <topic>', 'where sensors are announced', 'homeassistant')
        .action(async (home: string, _: unknown, at: Command) => {
            finish(await meterListen(home, at.optsWithGlobals<MeterListenOptions>()));
        });
    named(part('import', 'add what a file says: CSV, Green Button or telegrams; the same file again changes nothing'))
        .argument('<file>', 'the file, or - for standard input', notEmpty)
        .addOption(new Option('--format <format>', 'default as the file begins').choices(FILE_FORMATS))
        .option(...ZONE)
        .action(async (home: string, file: string, _: unknown, at: Command) => {
            finish(await meterImport(home, file, at.optsWithGlobals<MeterImportOptions>()));
        });
    part('export', 'energy by quarter hours, as CSV or a Green Button file')
        .addOption(new Option('--format <format>', 'of the file').choices(EXPORT_FORMATS).default('csv'))
        .requiredOption('--from <YYYY-MM-DD>', 'first day')
        .option('--to <YYYY-MM-DD>', 'last day; default the first')
        .option('--output <file>', 'write it there instead of to standard output')
        .option(...ZONE)
        .action(async (home: string, _: unknown, at: Command) => {
            finish(await meterExport(home, at.optsWithGlobals<MeterExportOptions>()));
        });
    withBroker(
        part('publish', "show price now, next price and today's cost to Home Assistant, until this command is ended"),
        true,
    )
        .option('--discovery-prefix <topic>', 'where Home Assistant looks for sensors', 'homeassistant')
        .action(async (home: string, _: unknown, at: Command) => {
            finish(await meterPublish(home, at.optsWithGlobals<MeterPublishOptions>()));
        });
    part('show', 'the newest totals, or what is known of the quarter hours of a day')
        .option('--day <YYYY-MM-DD>', 'the day')
        .option(...ZONE)
        .action(async (home: string, _: unknown, at: Command) => {
            finish(await meterShow(home, at.optsWithGlobals<MeterShowOptions>()));
        });
};

/** Where an MQTT broker is, and how one gets in. */
const withBroker = (on: Command, isRequired = false): Command =>
    on
        .addOption(
            new Option('--mqtt <url>', 'MQTT broker: mqtt://host:1883, mqtts://host:8883').makeOptionMandatory(
                isRequired,
            ),
        )
        .option(
            '--mqtt-credentials <file>',
            '{"username":"…","password":"…"}, readable by you alone; or COMMONWATT_MQTT_USERNAME and COMMONWATT_MQTT_PASSWORD',
        )
        .option('--mqtt-ca <file>', "PEM of the broker's authority, where it is none of the well-known")
        .option('--mqtt-certificate <file>', 'PEM of a certificate to show the broker')
        .option('--mqtt-key <file>', 'PEM of its key, readable by you alone');
