/* metrics_text - what a scraper gets. */
#ifndef APP_METRICS_TEXT_H
#define APP_METRICS_TEXT_H

#include "app/funnel.h"

/* All series: the funnel, the numbers of status, so many rules and senders as the configuration allows. */
void metrics_text(const struct control_status *s, const struct toc_funnel *f, const struct toc_pipeline *p, FILE *out);

#endif
