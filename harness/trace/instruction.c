// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory operands, decoded by Zydis. An access that begins before the page that cannot be touched
 * faults at the page's first byte: so the address is computed from the registers, and believed when
 * the byte that faulted lies in it. A segment's base is not known here; then the byte that faulted
 * is taken for the first one.
 */
#include "instruction.h"

#include <string.h>
#include <Zydis/Zydis.h>

#define PAGE_SIZE 4096ul

static const struct {
	ZydisRegister reg;
	int greg;
} registers[] = {
	{ZYDIS_REGISTER_RAX, REG_RAX}, {ZYDIS_REGISTER_RCX, REG_RCX}, {ZYDIS_REGISTER_RDX, REG_RDX},
	{ZYDIS_REGISTER_RBX, REG_RBX}, {ZYDIS_REGISTER_RSP, REG_RSP}, {ZYDIS_REGISTER_RBP, REG_RBP},
	{ZYDIS_REGISTER_RSI, REG_RSI}, {ZYDIS_REGISTER_RDI, REG_RDI}, {ZYDIS_REGISTER_R8, REG_R8},
	{ZYDIS_REGISTER_R9, REG_R9},   {ZYDIS_REGISTER_R10, REG_R10}, {ZYDIS_REGISTER_R11, REG_R11},
	{ZYDIS_REGISTER_R12, REG_R12}, {ZYDIS_REGISTER_R13, REG_R13}, {ZYDIS_REGISTER_R14, REG_R14},
	{ZYDIS_REGISTER_R15, REG_R15},
};

static bool decode(uint64_t ip, ZydisDecodedInstruction *instruction, ZydisDecodedOperand *operands)
{
	uint64_t rest = PAGE_SIZE - ip % PAGE_SIZE;
	ZydisDecoder decoder;

	if (rest > ZYDIS_MAX_INSTRUCTION_LENGTH)
		rest = ZYDIS_MAX_INSTRUCTION_LENGTH;
	ZydisDecoderInit(&decoder, ZYDIS_MACHINE_MODE_LONG_64, ZYDIS_STACK_WIDTH_64);
	return ZYAN_SUCCESS(
		ZydisDecoderDecodeFull(&decoder, (const void *)ip, rest, instruction, operands));
}

static bool touches(const ZydisDecodedOperand *operand, bool write)
{
	ZydisOperandActions wanted =
		write ? ZYDIS_OPERAND_ACTION_MASK_WRITE : ZYDIS_OPERAND_ACTION_MASK_READ;

	return operand->type == ZYDIS_OPERAND_TYPE_MEMORY &&
	       operand->mem.type == ZYDIS_MEMOP_TYPE_MEM && operand->actions & wanted;
}

static bool address_of(const ZydisDecodedInstruction *instruction,
		       const ZydisDecodedOperand *operand, const greg_t *regs, uint64_t *out)
{
	ZydisRegisterContext context;

	memset(&context, 0, sizeof(context));
	for (unsigned i = 0; i < sizeof(registers) / sizeof(registers[0]); i++)
		context.values[registers[i].reg] = (uint64_t)regs[registers[i].greg];
	return ZYAN_SUCCESS(ZydisCalcAbsoluteAddressEx(instruction, operand,
						       (uint64_t)regs[REG_RIP], &context, out));
}

bool instruction_access(const greg_t *regs, uint64_t fault, bool write,
			struct instruction_access *out)
{
	ZydisDecodedOperand operands[ZYDIS_MAX_OPERAND_COUNT];
	ZydisDecodedInstruction instruction;
	bool found = false;

	if (!decode((uint64_t)regs[REG_RIP], &instruction, operands))
		return false;
	for (unsigned i = 0; i < instruction.operand_count; i++) {
		uint64_t size = operands[i].size / 8, addr;

		if (!size || !touches(&operands[i], write))
			continue;
		if (address_of(&instruction, &operands[i], regs, &addr) && fault - addr < size) {
			*out = (struct instruction_access){addr, size};
			return true;
		}
		if (!found)
			*out = (struct instruction_access){fault, size};
		found = true;
	}
	return found;
}
