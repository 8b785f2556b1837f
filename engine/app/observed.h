/* observed - hits of detections in observe mode, counted by key and day (correlate/peaks.h). */
#ifndef APP_OBSERVED_H
#define APP_OBSERVED_H

#include "alert/rule.h"
#include "correlate/correlate.h"

/* Cheap where the rule is not watched. */
void toc_observed_hit(struct toc_correlator *c, const struct toc_alert_rule *rule, const struct toc_view *view);

#endif
