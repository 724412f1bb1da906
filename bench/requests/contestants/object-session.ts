import { Get, HttpCode, Post, Session } from '@nestjs/common';
import type { SessionFields } from './new-session.js';

/** What a controller does with a session that is an object of the request. */
export abstract class ObjectSessionController {
  #views = 0;

  @Get(['read', 'field', 'stranger'])
  read(@Session() visitor: Partial<SessionFields>) {
    return { theme: visitor.theme };
  }

  @Post('write')
  @HttpCode(200)
  write(@Session() visitor: SessionFields) {
    visitor.views = ++this.#views;
    return { views: visitor.views };
  }

  @Get('views')
  views(@Session() visitor: SessionFields) {
    return { views: visitor.views };
  }
}
