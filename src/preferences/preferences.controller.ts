import { Body, Controller, HttpCode, Post, Put } from '@nestjs/common';
import { Session } from 'nestjs-redis-session';
import { readChoice, readObject } from '../input.js';
import { THEMES } from './theme.js';

/** Works for strangers too: the first thing worth remembering creates their session. */
@Controller('api')
export class PreferencesController {
  @Put('theme')
  setTheme(@Body() body: unknown, @Session() session: Session) {
    const theme = readChoice(readObject(body), 'theme', THEMES);
    session.set('theme', theme);
    return { theme };
  }

  @Post('views')
  @HttpCode(200)
  countView(@Session() session: Session) {
    return { views: session.increment('views') };
  }
}
