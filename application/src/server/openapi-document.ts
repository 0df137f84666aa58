import swagger from '@fastify/swagger';
import fastify from 'fastify';
import { API } from './api';
import { OPENAPI, openApiOf } from './openapi';
import { ROUTES, type Route } from './schemas/routes';

/** The description of the interface, as `/api/v1/openapi.json` answers it, without a server. */
export async function openApiDocument(): Promise<object> {
    const app = fastify({ exposeHeadRoutes: false });
    app.setSerializerCompiler(() => JSON.stringify);
    await app.register(swagger, { openapi: OPENAPI });
    for (const [name, route] of Object.entries(ROUTES) as [string, Route][]) {
        const [method = 'GET', path = ''] = name.split(' ');
        app.route({ method, url: `${API}${path}`, schema: openApiOf(name, route), handler: () => undefined });
    }
    await app.ready();
    const document = app.swagger();
    await app.close();
    return document;
}
