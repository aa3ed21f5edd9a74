// SPDX-License-Identifier: GPL-2.0-only
/*
 * The bus: a host bridge and nothing else, behind the real PCI core (arch/x86/pci). ACPI is off.
 */
#include <linux/pci.h>
#include "host.h"

struct pci_raw_ops {
	int (*read)(unsigned int domain, unsigned int bus, unsigned int devfn, int reg, int len,
		    u32 *val);
	int (*write)(unsigned int domain, unsigned int bus, unsigned int devfn, int reg, int len,
		     u32 val);
};

extern const struct pci_raw_ops *raw_pci_ops;
extern int acpi_disabled, acpi_noirq, acpi_pci_disabled;

/* Intel 440FX, as every virtual machine has it. */
static u8 bridge[256] = {
	[0] = 0x86, [1] = 0x80, [2] = 0x37, [3] = 0x12, [0x0b] = 0x06, [0x3d] = 0x01,
};

static int config_read(unsigned int domain, unsigned int bus, unsigned int devfn, int reg, int len,
		       u32 *val)
{
	*val = ~0u;
	if (!domain && !bus && !devfn && reg + len <= sizeof(bridge)) {
		*val = 0;
		memcpy(val, &bridge[reg], len);
	}
	return 0;
}

static int config_write(unsigned int domain, unsigned int bus, unsigned int devfn, int reg, int len,
			u32 val)
{
	return 0;
}

static const struct pci_raw_ops ops = {config_read, config_write};

void kf_pci_init(void)
{
	raw_pci_ops = &ops;
	acpi_disabled = acpi_noirq = acpi_pci_disabled = 1;
}

/* Interrupt routing tables of a BIOS. */
int pcibios_irq_init(void)
{
	return 0;
}

int pirq_enable_irq(struct pci_dev *dev)
{
	if (!dev->irq)
		dev->irq = 5;
	return 0;
}

/* Background memory management that has nothing to manage. */
void wakeup_kcompactd(struct pglist_data *node, int order, int zone)
{
}

void vmstat_shepherd(struct work_struct *work)
{
}

void vmstat_update(struct work_struct *work)
{
}
