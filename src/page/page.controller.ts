import { Controller, Get, Header, NotFoundException, Param, StreamableFile } from '@nestjs/common';
import { readPageFiles } from './page-files.js';

@Controller()
export class PageController {
  private readonly files = readPageFiles();

  @Get()
  @Header('Cache-Control', 'no-cache')
  index(): StreamableFile {
    return this.send('index.html');
  }

  /** Only the frame: who may see something in it is decided by the routes that it asks. */
  @Get('operations')
  @Header('Cache-Control', 'no-cache')
  operations(): StreamableFile {
    return this.send('operations.html');
  }

  @Get('page/:name')
  @Header('Cache-Control', 'no-cache')
  file(@Param('name') name: string): StreamableFile {
    return this.send(name);
  }

  private send(name: string): StreamableFile {
    const file = this.files.get(name);
    if (!file) throw new NotFoundException('The page has no such file.');
    return new StreamableFile(file.bytes, { type: file.type, length: file.bytes.length });
  }
}
