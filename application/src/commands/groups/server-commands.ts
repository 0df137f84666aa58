import { Option } from 'commander';
import { login, type LoginOptions } from '../login';
import { serve, type ServeOptions } from '../serve';
import { homeList, notEmpty, portNumber, type CommandGroup } from './shared';

/** Pages for the people in the homes. */
export const serverCommands: CommandGroup = (command, finish) => {
    command('serve', "serve the households' pages: what flows, what it costs, bills, the market, what their agents do")
        .option('--households <homes>', 'whose pages: H1,H2; default all whose keys are on this machine', homeList)
        .option('--port <n>', 'default 8080', portNumber)
        .option('--host <address>', 'to listen on; default 127.0.0.1, this machine alone')
        .option('--name <names>', 'other names under which it is reached: home.example:8443', homeList)
        .option('--read-model <where>', 'a file or postgres://…; default a file in var/read-model')
        .option('--tls-cert <file>', 'serve over TLS with this certificate')
        .option('--tls-key <file>', 'and this key')
        .addOption(
            new Option('--log <level>', 'what of its own work it writes to standard error')
                .choices(['info', 'warn', 'error', 'silent'])
                .default('warn'),
        )
        .action(async (options: ServeOptions) => {
            finish(await serve(options));
        });
    command('login', 'a link with which a household sets the password of its pages, once')
        .argument('<home>', 'H1, H2, …', notEmpty)
        .option('--address <url>', 'where its pages are; default http://127.0.0.1:8080')
        .action((home: string, options: LoginOptions) => {
            finish(login(home, options));
        });
};
