// SPDX-License-Identifier: GPL-2.0-only
/*
 * Load order and alias lookup: small modules in small trees, then the real kernel's modules against
 * depmod's own answer.
 *
 * A tree is depends/TREE/in, so that trees are not near each other. In it, base exports base_open,
 * mid imports it and exports mid_open, top imports that.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "sample_module.h"

static const struct sample base = {.name = "base", .exports = "base_open", .imports = "printk"};
static const struct sample mid = {
	.name = "mid", .exports = "mid_open", .imports = "base_open", .depends = "base"};
static const struct sample top = {.name = "top", .imports = "mid_open", .depends = "mid"};
/* The same without names: what modpost writes when it could not resolve symbols. */
static const struct sample nameless_mid = {
	.name = "mid", .exports = "mid_open", .imports = "base_open"};

static struct kernel_paths paths;

/* A kernel without modules whose headers export printk. */
static void make_kernel(const char *tree)
{
	char *headers = kf_format("depends/%s/headers", tree),
	     *symvers = kf_format("%s/Module.symvers", headers);

	scratch_text(symvers, "0x1\tprintk\tvmlinux\tEXPORT_SYMBOL\t\nnonsense\n\n0x2\tx\n");
	paths = (struct kernel_paths){.version = SAMPLE_VERSION,
				      .headers = (char *)scratch(headers)};
	free(symvers);
	free(headers);
}

static bool make_module(const char *tree, const char *file, const struct sample *s)
{
	char *path = kf_format("depends/%s/in/%s", tree, file);
	bool good = sample_module(path, s);

	free(path);
	return good;
}

/* The names of the order, or the error, after giving files of a tree (NULL ends). */
static const char *order(const char *tree, ...)
{
	static char text[2 * KF_ERR];
	struct modfile *mods;
	char *files[8], *name;
	unsigned count = 0;
	int i, n;
	va_list ap;

	va_start(ap, tree);
	while ((name = va_arg(ap, char *))) {
		char *path = kf_format("depends/%s/in/%s", tree, name);

		files[count++] = (char *)scratch(path);
		free(path);
	}
	va_end(ap);
	n = modfile_order(&paths, files, count, &mods, text);
	if (n < 0)
		return text;
	*text = '\0';
	for (i = 0; i < n; i++) {
		strcat(strcat(text, i ? " " : ""), mods[i].name);
		modfile_close(&mods[i]);
	}
	free(mods);
	return text;
}

#define ASSERT_ORDER(expected, ...) CU_ASSERT_STRING_EQUAL(order(__VA_ARGS__, NULL), expected)
#define ASSERT_ERROR(text, ...)	    ASSERT_SAYS(order(__VA_ARGS__, NULL), text)

static bool make_three(const char *tree, const char *b, const char *m, const char *t)
{
	make_kernel(tree);
	return make_module(tree, b, &base) && make_module(tree, m, &mid) &&
	       make_module(tree, t, &top);
}

static void one_directory(void)
{
	if (!make_three("one", "base.ko", "mid.ko", "top.ko"))
		return;
	ASSERT_ORDER("base", "one", "base.ko");
	ASSERT_ORDER("base mid top", "one", "top.ko");
	ASSERT_ORDER("base mid top", "one", "mid.ko", "top.ko");
	ASSERT_ORDER("base mid top", "one", "mid.ko", "base.ko", "top.ko");
}

/* The user's order counts where modules are not related. */
static void unrelated(void)
{
	struct sample other = {.name = "other"};

	make_kernel("unrelated");
	if (!make_module("unrelated", "other.ko", &other) ||
	    !make_module("unrelated", "base.ko", &base))
		return;
	ASSERT_ORDER("other base", "unrelated", "other.ko", "base.ko");
	ASSERT_ORDER("base other", "unrelated", "base.ko", "other.ko");
}

/* Beside, below, above. */
static void directories(void)
{
	if (!make_three("beside", "a/base.ko", "b/mid.ko", "c/top.ko"))
		return;
	ASSERT_ORDER("base mid top", "beside", "c/top.ko");
	if (!make_three("nested", "base.ko", "sub/mid.ko", "top.ko"))
		return;
	ASSERT_ORDER("base mid top", "nested", "top.ko");
}

/* Below the kernel's module directory: by modules.dep, by walking; updates before the rest. */
static void kernel_modules(void)
{
	struct sample newer = base;

	newer.exports = "base_other";
	if (!make_three("kernel", "lib/kernel/x/base.ko", "lib/kernel/y/deep/mid.ko",
			"away/from/top.ko"))
		return;
	paths.modules = (char *)scratch("depends/kernel/in/lib");
	ASSERT_ORDER("base mid top", "kernel", "away/from/top.ko");
	if (!make_module("kernel", "lib/updates/base.ko", &newer))
		return;
	ASSERT_ERROR("mid.ko needs symbol base_open", "kernel", "away/from/top.ko");
	scratch_text("depends/kernel/in/lib/modules.dep",
		     "kernel/x/base.ko:\nkernel/y/deep/mid.ko: kernel/x/base.ko\n");
	ASSERT_ORDER("base mid top", "kernel", "away/from/top.ko");
}

/* A file may spell '-' what the module spells '_', and may be compressed. */
static void spelling(void)
{
	struct sample under = {.name = "the_base", .exports = "base_open"};
	struct sample user = {.name = "user", .depends = "the-base", .imports = "base_open"};

	make_kernel("spelling");
	if (!make_module("spelling", "the-base.ko", &under) ||
	    !make_module("spelling", "user.ko", &user))
		return;
	ASSERT_ORDER("the_base user", "spelling", "user.ko");
}

/* No depends=. Expect: the symbols tell: a given module, one near, one of the kernel by its
 * Module.symvers. */
static void by_symbol(void)
{
	make_kernel("symbol");
	if (!make_module("symbol", "base.ko", &base) ||
	    !make_module("symbol", "mid.ko", &nameless_mid))
		return;
	ASSERT_ORDER("base mid", "symbol", "mid.ko");
	ASSERT_ORDER("base mid", "symbol", "base.ko", "mid.ko");
	make_kernel("symvers");
	if (!make_module("symvers", "lib/kernel/base.ko", &base) ||
	    !make_module("symvers", "a/b/mid.ko", &nameless_mid))
		return;
	paths.modules = (char *)scratch("depends/symvers/in/lib");
	ASSERT_ERROR("neither kernel " SAMPLE_VERSION " nor a module at hand", "symvers",
		     "a/b/mid.ko");
	scratch_text("depends/symvers/headers/Module.symvers",
		     "0x1\tprintk\tvmlinux\tEXPORT_SYMBOL\t\n0x2\tbase_open\tdrivers/"
		     "base\tEXPORT_SYMBOL\t\n");
	ASSERT_ORDER("base mid", "symvers", "a/b/mid.ko");
}

/* A function of the override layer needs no module, unless one that is given has it too. */
static void by_layer(void)
{
	struct sample user = {.name = "user", .imports = "__asan_handle_no_return"};
	struct sample own = {.name = "own", .exports = "__asan_handle_no_return"};

	make_kernel("layer");
	if (!make_module("layer", "user.ko", &user) || !make_module("layer", "own.ko", &own))
		return;
	ASSERT_ORDER("user", "layer", "user.ko");
	ASSERT_ORDER("own user", "layer", "own.ko", "user.ko");
}

static void last_comes_last(void)
{
	if (!make_three("last", "base.ko", "mid.ko", "top.ko"))
		return;
	ASSERT_ERROR("mid.ko needs base.ko, which is given last: give base.ko before mid.ko",
		     "last", "mid.ko", "base.ko");
	ASSERT_ERROR("mid.ko needs base.ko, which is given last", "last", "top.ko", "base.ko");
}

static void each_other(void)
{
	struct sample a = {.name = "a", .exports = "a_open", .imports = "b_open", .depends = "b"};
	struct sample b = {.name = "b", .exports = "b_open", .imports = "a_open", .depends = "a"};

	make_kernel("cycle");
	if (!make_module("cycle", "a.ko", &a) || !make_module("cycle", "b.ko", &b))
		return;
	ASSERT_ERROR("b.ko and a.ko need each other", "cycle", "a.ko");
	if (!make_module("cycle", "c.ko", &(struct sample){.name = "c", .depends = "a"}))
		return;
	ASSERT_ERROR("b.ko and a.ko need each other", "cycle", "c.ko");
}

/* What is missing, named as well as can be. */
static void missing(void)
{
	make_kernel("missing");
	if (!make_module("missing", "mid.ko", &mid) ||
	    !make_module("missing", "bare.ko", &nameless_mid))
		return;
	ASSERT_ERROR("mid.ko needs symbol base_open and the module base, and neither", "missing",
		     "mid.ko");
	ASSERT_ERROR("give base.ko before mid.ko", "missing", "mid.ko");
	ASSERT_ERROR("bare.ko needs symbol base_open, which neither kernel " SAMPLE_VERSION
		     " nor a module at hand exports",
		     "missing", "bare.ko");
	scratch_text("depends/missing/in/Module.symvers",
		     "0x1\tbase_open\t/somewhere/else/base\tEXPORT_SYMBOL\t\n");
	ASSERT_ERROR("bare.ko needs symbol base_open, which base.ko exports: give base.ko before "
		     "bare.ko",
		     "missing", "bare.ko");
	unlink(scratch("depends/missing/in/Module.symvers"));
	scratch_text("depends/missing/headers/Module.symvers",
		     "0x1\tprintk\tvmlinux\tEXPORT_SYMBOL\t\n0x2\tbase_open\tdrivers/"
		     "base\tEXPORT_SYMBOL\t\n");
	ASSERT_ERROR("base_open, which base.ko exports", "missing", "bare.ko");
}

/* The headers lie somewhere else. Expect: their module is called the kernel's. */
static void missing_of_kernel(void)
{
	make_kernel("faraway");
	if (!make_module("missing-kernel/deep", "bare.ko", &nameless_mid))
		return;
	scratch_text("depends/faraway/headers/Module.symvers",
		     "0x2\tbase_open\tdrivers/base\tEXPORT_SYMBOL\t\n");
	ASSERT_ERROR("which the module drivers/base of kernel " SAMPLE_VERSION
		     " exports, and that is not at hand; `kfail kernel fetch",
		     "missing-kernel/deep", "bare.ko");
}

/* Built into this kernel, a module elsewhere: a name without a file is fine when the symbols are
 * there. */
static void built_in(void)
{
	struct sample user = {.name = "user", .depends = "gone", .imports = "printk"};

	make_kernel("builtin");
	if (!make_module("builtin", "user.ko", &user))
		return;
	ASSERT_ORDER("user", "builtin", "user.ko");
	paths.headers = NULL;
	ASSERT_ERROR("user.ko needs the module gone, which is not at hand", "builtin", "user.ko");
}

static void other_kernels(void)
{
	struct sample old = base;

	old.version = "8.8.8-old";
	make_kernel("versions");
	if (!make_module("versions", "base.ko", &old) || !make_module("versions", "mid.ko", &mid))
		return;
	ASSERT_ERROR(
		"base.ko: built for kernel 8.8.8-old, and the kernel in use is " SAMPLE_VERSION,
		"versions", "base.ko", "mid.ko");
	ASSERT_ERROR("mid.ko needs symbol base_open and the module base", "versions", "mid.ko");
	if (!make_module("versions", "../right/base.ko", &base))
		return;
	ASSERT_ORDER("base mid", "versions", "mid.ko");
}

static void given_wrongly(void)
{
	struct modfile *mods;
	char err[KF_ERR];

	make_kernel("wrongly");
	if (!make_module("wrongly", "base.ko", &base) || !make_module("wrongly", "copy.ko", &base))
		return;
	ASSERT_ERROR("a module of the name base is given twice", "wrongly", "base.ko", "base.ko");
	ASSERT_ERROR("a module of the name base is given twice", "wrongly", "base.ko", "copy.ko");
	ASSERT_ERROR("nowhere.ko: cannot open: No such file or directory", "wrongly", "base.ko",
		     "nowhere.ko");
	CU_ASSERT_EQUAL(modfile_order(&paths, NULL, 0, &mods, err), -1);
	ASSERT_SAYS(err, "no module is given");
}

/* ---- the real kernel ---- */

static char *read_dep(void)
{
	char *path, *text;

	if (!real_kernel() || !real_kernel()->modules) {
		skip("no modules at hand");
		return NULL;
	}
	path = kf_format("%s/modules.dep", real_kernel()->modules);
	text = kf_read_text(path);
	free(path);
	if (!text)
		skip("no modules.dep (depmod was not there at the fetch)");
	return text;
}

/* Is every word of `dependencies` (paths) a module of the order, and nothing else? */
static bool same_set(const struct modfile *mods, int n, char *dependencies)
{
	unsigned count = 0;
	char *word;
	int i;

	while ((word = strsep(&dependencies, " "))) {
		if (!*word)
			continue;
		count++;
		for (i = 0; i < n - 1 && !ends_with(mods[i].path, word); i++)
			continue;
		if (i == n - 1)
			return false;
	}
	return (int)count == n - 1;
}

static void check_line(char *line)
{
	char *colon = strchr(line, ':'), *file, err[KF_ERR] = "";
	struct modfile *mods;
	int n;

	*colon = '\0';
	file = kf_format("%s/%s", real_kernel()->modules, line);
	n = modfile_order(real_kernel(), &file, 1, &mods, err);
	CU_ASSERT(n > 0);
	CU_ASSERT_STRING_EQUAL(err, "");
	if (n > 0) {
		CU_ASSERT(ends_with(mods[n - 1].path, line));
		CU_ASSERT(same_set(mods, n, colon + 1));
	}
	while (n > 0)
		modfile_close(&mods[--n]);
	if (*err == '\0')
		free(mods);
	free(file);
}

/* Every 40th line of modules.dep. Expect: the same modules. */
static void against_depmod(void)
{
	char *text = read_dep(), *rest = text, *line;
	unsigned i;

	for (i = 0; (line = strsep(&rest, "\n")); i++) {
		if (i % 40 == 0 && strchr(line, ':'))
			check_line(line);
	}
	free(text);
}

/* No headers: the image itself says what it exports. */
static void against_image(void)
{
	struct modfile *mods;
	char err[KF_ERR] = "", *file;
	int n;

	if (!real_kernel() || !real_kernel()->modules) {
		skip("no modules at hand");
		return;
	}
	paths = *real_kernel();
	paths.headers = NULL;
	file = kf_format("%s/kernel/drivers/media/v4l2-core/videodev.ko", paths.modules);
	n = access(file, R_OK) ? 0 : modfile_order(&paths, &file, 1, &mods, err);
	CU_ASSERT_STRING_EQUAL(err, "");
	if (n == 2) {
		CU_ASSERT_STRING_EQUAL(mods[0].name, "mc");
		CU_ASSERT_STRING_EQUAL(mods[1].name, "videodev");
	}
	while (n > 0)
		modfile_close(&mods[--n]);
	if (!access(file, R_OK))
		free(mods);
	free(file);
}

/* ---- aliases ---- */

static const char *lookup(const struct kernel_paths *of, const char *alias)
{
	static char text[4096];
	char *files[32];
	unsigned i, n = modfile_lookup_alias(of, alias, files, 32);

	*text = '\0';
	for (i = 0; i < n; i++) {
		strcat(strcat(text, i ? " " : ""), strrchr(files[i], '/') + 1);
		free(files[i]);
	}
	return text;
}

static void aliases(void)
{
	char *text = read_dep(), *files[1];

	if (!text)
		return;
	free(text);
	CU_ASSERT(starts_with(lookup(real_kernel(), "videodev"), "mc.ko"));
	CU_ASSERT(strstr(lookup(real_kernel(), "char-major-81-0"), "videodev.ko") != NULL);
	CU_ASSERT_STRING_EQUAL(lookup(real_kernel(), "no-such-alias"), "");
	CU_ASSERT_STRING_EQUAL(lookup(real_kernel(), ""), "");
	CU_ASSERT_STRING_EQUAL(lookup(real_kernel(), "../../etc/passwd"), "");
	CU_ASSERT_EQUAL(modfile_lookup_alias(real_kernel(), "videodev", files, 1), 1);
	free(files[0]);
}

/* Without indexes: by name, either spelling, and what it needs first. */
static void aliases_by_name(void)
{
	struct sample user = {.name = "the_user", .depends = "base", .imports = "base_open"};

	make_kernel("alias");
	if (!make_module("alias", "lib/kernel/base.ko", &base) ||
	    !make_module("alias", "lib/kernel/the-user.ko", &user))
		return;
	paths.modules = (char *)scratch("depends/alias/in/lib");
	CU_ASSERT_STRING_EQUAL(lookup(&paths, "the-user"), "base.ko the-user.ko");
	CU_ASSERT_STRING_EQUAL(lookup(&paths, "the_user"), "base.ko the-user.ko");
	CU_ASSERT_STRING_EQUAL(lookup(&paths, "nobody"), "");
	paths.modules = NULL;
	CU_ASSERT_STRING_EQUAL(lookup(&paths, "the_user"), "");
}

CU_TestInfo depends_tests[] = {
	{"one directory", one_directory},
	{"unrelated modules", unrelated},
	{"directories nearby", directories},
	{"the kernel's modules", kernel_modules},
	{"spelling", spelling},
	{"by symbol", by_symbol},
	{"by the override layer", by_layer},
	{"the last comes last", last_comes_last},
	{"modules that need each other", each_other},
	{"what is missing", missing},
	{"what is missing of the kernel", missing_of_kernel},
	{"built into the kernel", built_in},
	{"modules of other kernels", other_kernels},
	{"given wrongly", given_wrongly},
	{"depmod says the same", against_depmod},
	{"without headers", against_image},
	{"aliases", aliases},
	{"aliases without indexes", aliases_by_name},
	CU_TEST_INFO_NULL,
};
