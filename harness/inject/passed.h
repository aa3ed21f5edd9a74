/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Requests of the module that are no points, so that a report can say which sites no sweep will ever refuse, and why.
 * Only noted in runs that are recorded (inject_record()).
 */
#ifndef KFAIL_INJECT_PASSED_H
#define KFAIL_INJECT_PASSED_H

#include "inject.h"

enum passed_why {
	PASSED_NOFAIL, /* __GFP_NOFAIL: the kernel never refuses it */
	PASSED_POLICY, /* the policy's filters, scope and attributes let it pass */
};

#define PASSED_MAX 256 /* sites; later ones are not noted */

struct passed {
	enum passed_why why;
	uint8_t kind; /* enum kf_kind */
	uint64_t size;
	uint32_t stack; /* depot handle */
	uint32_t count; /* requests */
};

/* A run begins. */
void passed_begin(void);
void passed_note(enum passed_why why, const struct kf_request *request, uint32_t stack);
/* A request that no allocator asks about, since it has __GFP_NOFAIL. `caller` is asked only in a recorded run. */
void inject_never_asked(const struct kf_request *request, struct caller (*caller)(void));
/* Entry i of the newest recorded run; NULL: there are no more. */
const struct passed *inject_passed(unsigned i);

#endif
