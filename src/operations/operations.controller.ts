import {
  Body,
  Controller,
  Get,
  Headers,
  HttpCode,
  Param,
  Post,
  Query,
  StreamableFile,
  UseGuards,
} from '@nestjs/common';
import { Session } from 'nestjs-redis-session';
import { JSON_LINES, jsonLines } from './json-lines.js';
import { readPage, readSku, readTenant } from './operations.input.js';
import { OperationsService } from './operations.service.js';
import { OperatorGuard } from './operator.guard.js';

/** For those who run the shop. */
@Controller('api/operations')
@UseGuards(OperatorGuard)
export class OperationsController {
  constructor(private readonly operations: OperationsService) {}

  @Get('tenants')
  tenants() {
    return this.operations.tenants();
  }

  @Get('sessions')
  sessions(@Query('page') page: unknown, @Session() operator: Session) {
    return this.operations.signedIn(readPage(page), operator);
  }

  @Get('recall/:sku')
  carts(@Param('sku') sku: string) {
    return this.operations.cartsWith(readSku(sku));
  }

  /** Answers when all is done; or line by line while it goes on, to those who ask for `application/x-ndjson`. */
  @Post('recall/:sku')
  @HttpCode(200)
  async recall(@Param('sku') name: string, @Headers('accept') accept: string | undefined) {
    const sku = readSku(name);
    if (!accept?.includes(JSON_LINES)) return this.operations.recall(sku);
    // Asked before the first byte: afterwards nothing could be answered with 503 any more.
    const total = await this.operations.countCartsWith(sku);
    const lines = jsonLines((say, signal) => {
      say({ done: 0, total });
      return this.operations.recall(sku, { signal, onProgress: say });
    });
    return new StreamableFile(lines, { type: JSON_LINES });
  }

  @Post('sign-out-tenant')
  @HttpCode(200)
  signOutTenant(@Body() body: unknown) {
    return this.operations.signOutTenant(readTenant(body));
  }
}
