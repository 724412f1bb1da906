import type { SecurityHeadersOptions } from '@nestjs/common';

/** The page needs nothing from elsewhere and nothing inline, so nothing of the kind may run. */
export const securityHeaders: SecurityHeadersOptions = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: "'self'",
      baseUri: "'none'",
      formAction: "'self'",
      frameAncestors: "'none'",
      objectSrc: "'none'",
    },
  },
  xFrameOptions: { action: 'deny' },
  // Whoever puts HTTPS in front decides this; a shop on 127.0.0.1 must stay reachable over HTTP.
  strictTransportSecurity: false,
};
