// SPDX-License-Identifier: GPL-2.0-only
/*
 * A module that brings KUnit suites along, which run when it is live. On a kernel that has KUnit built in, the notifier
 * is KUnit's; Debian's has none, so that the module runs its suite itself, in the same place and with the same words.
 */
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/slab.h>

static char *bug = "none";
module_param(bug, charp, 0);
MODULE_PARM_DESC(
	bug,
	"leak: of the first object when there is no second; case: one fails without a refusal");

static const void *suites[] __used __section(".kunit_test_suites") = {suites};

static bool table_test_fills(void)
{
	void *first = kmalloc(100, GFP_KERNEL), *second;

	if (!first)
		return false;
	second = kmalloc(200, GFP_KERNEL);
	if (second || strcmp(bug, "leak"))
		kfree(first);
	kfree(second);
	return second && strcmp(bug, "case");
}

static int run_suite(struct notifier_block *nb, unsigned long state, void *module)
{
	const char *word;

	if (module != THIS_MODULE || state != MODULE_STATE_LIVE)
		return 0;
	word = table_test_fills() ? "ok" : "not ok";
	pr_info("    %s 1 - table_test_fills\n", word);
	pr_info("%s 1 - table\n", word);
	return 0;
}

static struct notifier_block notifier = {.notifier_call = run_suite};

static int __init suite_live_init(void)
{
	return register_module_notifier(&notifier);
}

static void __exit suite_live_exit(void)
{
	unregister_module_notifier(&notifier);
}

module_init(suite_live_init);
module_exit(suite_live_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("KUnit suites that run when the module is live");
