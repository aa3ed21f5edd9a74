// SPDX-License-Identifier: GPL-2.0-only
/*
 * Values of module parameters. After kernel/params.c of 6.1: the same forms are accepted and
 * refused. A charp keeps its text in host memory, which lives as long as the process.
 */
#include "world.h"

#include "include/linux/moduleparam.h"
#include "include/linux/string.h"

char *strdup(const char *s);

int native_set_param(const void *record, const char *value)
{
	const struct kernel_param *kp = record;

	return kp->ops->set ? kp->ops->set(value, kp) : -EPERM;
}

#define INTEGER(name, type, parse)                                           \
	int param_set_##name(const char *val, const struct kernel_param *kp) \
	{                                                                    \
		return val ? parse(val, 0, (type *)kp->arg) : -EINVAL;       \
	}                                                                    \
	const struct kernel_param_ops param_ops_##name = {.set = param_set_##name}

static int parse_short(const char *s, unsigned int base, short *res)
{
	int value, error = kstrtoint(s, base, &value);

	if (error)
		return error;
	if (value != (short)value)
		return -ERANGE;
	*res = (short)value;
	return 0;
}

INTEGER(byte, unsigned char, kstrtou8);
INTEGER(short, short, parse_short);
INTEGER(ushort, unsigned short, kstrtou16);
INTEGER(int, int, kstrtoint);
INTEGER(uint, unsigned int, kstrtouint);
INTEGER(long, long, kstrtol);
INTEGER(ulong, unsigned long, kstrtoul);
INTEGER(ullong, unsigned long long, kstrtoull);

const struct kernel_param_ops param_ops_hexint = {.set = param_set_uint};

/* Without a value, a flag is set. */
int param_set_bool(const char *val, const struct kernel_param *kp)
{
	return kstrtobool(val ? val : "1", kp->arg);
}

int param_set_invbool(const char *val, const struct kernel_param *kp)
{
	bool value;
	int error = kstrtobool(val, &value);

	if (!error)
		*(bool *)kp->arg = !value;
	return error;
}

int param_set_charp(const char *val, const struct kernel_param *kp)
{
	if (!val || strlen(val) > 1024)
		return val ? -ENOSPC : -EINVAL;
	val = strdup(val);
	if (!val)
		return -ENOMEM;
	*(const char **)kp->arg = val;
	return 0;
}

int param_set_copystring(const char *val, const struct kernel_param *kp)
{
	if (!val)
		return -EINVAL;
	return strscpy(kp->str->string, val, kp->str->maxlen) < 0 ? -ENOSPC : 0;
}

static int set_array(const char *val, const struct kernel_param *kp)
{
	const struct kparam_array *arr = kp->arr;
	struct kernel_param element = *kp;
	unsigned int n = 0;
	char text[1024];
	int error = 0;

	if (!val)
		return -EINVAL;
	for (const char *end; !error; val = end + 1, n++) {
		end = strchrnul(val, ',');
		if (n == arr->max || (size_t)(end - val) >= sizeof(text))
			return -EINVAL;
		memcpy(text, val, (size_t)(end - val));
		text[end - val] = '\0';
		element.arg = (char *)arr->elem + (size_t)n * arr->elemsize;
		error = arr->ops->set(text, &element);
		if (!*end) {
			n++;
			break;
		}
	}
	if (!error && arr->num)
		*arr->num = n;
	return error;
}

int param_get_int(char *buffer, const struct kernel_param *kp)
{
	return scnprintf(buffer, 4096, "%d\n", *(int *)kp->arg);
}

int param_get_uint(char *buffer, const struct kernel_param *kp)
{
	return scnprintf(buffer, 4096, "%u\n", *(unsigned int *)kp->arg);
}

int param_get_bool(char *buffer, const struct kernel_param *kp)
{
	return scnprintf(buffer, 4096, "%c\n", *(bool *)kp->arg ? 'Y' : 'N');
}

int param_get_charp(char *buffer, const struct kernel_param *kp)
{
	return scnprintf(buffer, 4096, "%s\n", *(char **)kp->arg);
}

const struct kernel_param_ops param_ops_bool = {
	.flags = 1, .set = param_set_bool, .get = param_get_bool};
const struct kernel_param_ops param_ops_invbool = {.set = param_set_invbool};
const struct kernel_param_ops param_ops_charp = {.set = param_set_charp, .get = param_get_charp};
const struct kernel_param_ops param_ops_string = {.set = param_set_copystring};
const struct kernel_param_ops param_array_ops = {.set = set_array};
