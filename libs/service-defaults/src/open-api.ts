import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';

/** How the interface introduces itself. */
export type ApiDescription = {
  readonly title: string;
  readonly description: string;
  readonly version: string;
};

/** Path of the page; the document itself is at `<path>-json`. */
const DOCS_PATH = 'docs';

/** The interface as OpenAPI 3, from the routes and their zod schemas: the same every time, so that it can be committed. */
export function openApiDocument(app: INestApplication, api: ApiDescription): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setTitle(api.title)
    .setDescription(api.description)
    .setVersion(api.version)
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'JWT' });
  return SwaggerModule.createDocument(app, builder.build());
}

/** Serves the document and a page to try it. It is made when first asked for: starting must be quick. */
export function serveOpenApi(app: INestApplication, api: ApiDescription): void {
  SwaggerModule.setup(DOCS_PATH, app, () => openApiDocument(app, api), { customSiteTitle: api.title });
}
