/* eve - an alert as Suricata's EVE JSON has it, for EveBox and what else reads that. */
#ifndef CLI_EVE_H
#define CLI_EVE_H

#include <stdio.h>

#include "cli/board.h"

/* One line. Addresses and ports are those of the newest evidence that has them; severity 5, 4 = 1, 3 = 2, the rest 3.
 */
void cli_eve(const struct cli_alert *a, FILE *out);

#endif
