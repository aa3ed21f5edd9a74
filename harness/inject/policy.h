/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The policy of a sweep: everything that decides about requests and is the same for all of its runs. What differs from run
 * to run is the schedule. Made from options, completed when all code is loaded, then only read:
 *
 *	policy_init() -> policy_set(), policy_add_filter(), ... -> policy_ready() -> inject_set_policy()
 *
 * Two masters: by default everything is a point that is not __GFP_NOFAIL; with `compat` the kernel's defaults and its way
 * of counting hold.
 */
#ifndef KFAIL_INJECT_POLICY_H
#define KFAIL_INJECT_POLICY_H

#include "attr.h"
#include "benign.h"
#include "filter.h"
#include "inject.h"

#define POLICY_ERR 1024

struct policy {
	bool compat; /* --compat=kernel */
	enum scope scope;
	struct fault_attr attrs[CAPABILITIES];
	struct filter *only, *skip; /* all of `only` must match, none of `skip` */
	unsigned only_count, skip_count;
	struct benign benign;
	struct places wrappers; /* SCOPE_DIRECT: allocators' functions, which are not who asks */
	/* Attributes as they were given, until code is loaded. */
	struct policy_setting {
		const char *option; /* as the sentence about a mistake names it */
		enum capability capability;
		char *name; /* NULL: value is "<interval>,<probability>,<space>,<times>" */
		char *value;
	} * settings;
	unsigned setting_count;
	bool special; /* anything of this is not as by default: requests must be looked at */
};

void policy_init(struct policy *policy);
void policy_clear(struct policy *policy);

/* Keep a setting until policy_ready(). `text`: "failslab/min-order=1". 0, or -1 (err, POLICY_ERR bytes): no such capability, no '='. */
int policy_set(struct policy *policy, const char *text, char *err);
/* The same, taken apart; `name` NULL: all four at once, as a boot parameter. `option` must stay valid. */
void policy_set_attr(struct policy *policy, const char *option, enum capability capability,
		     const char *name, const char *value);
/* --only and --skip: 0, or -1 (err). */
int policy_add_filter(struct policy *policy, bool skip, const char *text, char *err);
/* A function through which others ask for memory: with SCOPE_DIRECT its caller is who asks. */
void policy_add_wrapper(struct policy *policy, const char *function);

/* All code is loaded: names become addresses, settings take effect. 0, or -1 with a sentence in err. */
int policy_ready(struct policy *policy, char *err);

/* May chance refuse anything (a probability is not 0)? */
bool policy_has_chance(const struct policy *policy);

/* Which capability stands at such a request, and with what size it is asked. False: none does. */
bool policy_capability(const struct policy *policy, const struct kf_request *request,
		       enum capability *capability, uint64_t *size);
/* Is it a point? Asked only when the policy is special. */
bool policy_counts(struct policy *policy, const struct inject_ask *ask,
		   bool (*in_module)(uint64_t pc));

/*
 * The active policy in one to three sentences, each on a line of its own: what is refused and when, which requests are
 * points, what the attributes are. `schedules` NULL: each point once; else `count` runs. malloc()ed.
 */
char *policy_text(const struct policy *policy, const char *module, const struct schedule *schedules,
		  unsigned count);

#endif
