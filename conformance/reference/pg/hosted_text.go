package pg

// hostedText are the texts of the page in one language.
type hostedText struct {
	Title, Switch, SwitchLabel, Error        string
	Shop, Order                              string
	Card, Account, EMoney, With              string
	Number, NumberHint, AccountNumber        string
	Institution, InstitutionHint             string
	Expiry, ExpiryHint, Verification         string
	VerificationHint                         string
	Months, LumpSum, MonthsUnit              string
	Methods, MethodsHint                     string
	ByAmount, ByAmountHint                   string
	ByDescriptor, ByDescriptorHint           string
	ByDeposits, ByDepositsHint               string
	Pay, Cancel, CancelButton, CancelHint    string
	BadNumber, BadExpiry, BadVerification    string
	BadForm, NoRoute                         string
	NotAuthenticated, Unavailable            string
	Remember, RememberHint, Known, KnownHint string
	Forget, ForgetButton, ForgetHint         string
}

func hostedTexts(language string) hostedText {
	if language == "en" {
		return hostedEnglish()
	}
	return hostedKorean()
}

// wrong says what is wrong with a field.
func (t hostedText) wrong(field string) string {
	switch field {
	case "number":
		return t.BadNumber
	case "expiry":
		return t.BadExpiry
	case "verification":
		return t.BadVerification
	}
	return t.BadForm
}

func hostedKorean() hostedText {
	return hostedText{
		Title: "결제하기", Switch: "English", SwitchLabel: "English: show this page in English", Error: "오류",
		Shop: "상점", Order: "결제 금액",
		Card: "카드", Account: "계좌", EMoney: "전자화폐", With: "결제 수단",
		Number: "카드 번호", NumberHint: "카드 앞면이나 뒷면에 있는 숫자입니다.", AccountNumber: "계좌 또는 전자화폐 번호",
		Institution: "은행 또는 발급사 코드", InstitutionHint: "예: 088",
		Expiry: "유효기간", ExpiryHint: "월과 연도입니다. 예: 09/27", Verification: "카드 확인 번호(CVC)",
		VerificationHint: "카드 뒷면의 숫자 세 자리, 또는 앞면의 네 자리입니다.",
		Months:           "할부", LumpSum: "일시불", MonthsUnit: "개월",
		Methods: "본인 확인 방법", MethodsHint: "이 금액은 카드나 계좌의 주인임을 확인한 뒤에 결제됩니다.",
		ByAmount: "승인 금액 확인", ByAmountHint: "작은 금액을 승인한 뒤, 카드사 문자에 적힌 그 금액을 입력합니다. 승인은 바로 취소됩니다.",
		ByDescriptor: "승인 문자의 번호 확인", ByDescriptorHint: "승인 문자의 가맹점 이름에 있는 숫자 네 자리를 입력합니다.",
		ByDeposits: "입금액 확인", ByDepositsHint: "계좌에 작은 금액을 두 번 입금한 뒤, 두 금액을 입력합니다.",
		Pay: "결제", Cancel: "결제하지 않기", CancelButton: "상점으로 돌아가기", CancelHint: "결제하지 않고 상점으로 돌아갑니다.",
		BadNumber: "카드 번호를 다시 확인해 주십시오.", BadExpiry: "유효기간을 09/27처럼 입력해 주십시오.",
		BadVerification: "카드 확인 번호는 숫자 세 자리 또는 네 자리입니다.", BadForm: "입력한 내용을 읽을 수 없습니다. 다시 입력해 주십시오.",
		NoRoute:          "이곳에서 받지 않는 번호입니다. 다른 수단으로 결제해 주십시오.",
		NotAuthenticated: "본인 확인이 되지 않아 결제하지 않았습니다. 다시 하거나 다른 수단으로 결제할 수 있습니다.",
		Unavailable:      "지금은 처리할 수 없습니다. 결제된 금액은 없습니다. 잠시 뒤에 다시 시도해 주십시오.",
		Remember:         "다음부터 본인 확인 건너뛰기", RememberHint: "이 상점에서 이 카드로 결제할 때, 다음부터는 유효기간만 입력합니다. 언제든지 해지할 수 있습니다.",
		Known: "등록된 카드로 결제", KnownHint: "유효기간을 입력하면 본인 확인을 건너뜁니다.",
		Forget: "이 카드 등록 해지", ForgetButton: "해지", ForgetHint: "다음 결제부터는 다시 본인 확인을 합니다.",
	}
}

func hostedEnglish() hostedText {
	return hostedText{
		Title: "Pay", Switch: "한국어", SwitchLabel: "한국어: 이 화면을 한국어로 보기", Error: "Error",
		Shop: "Shop", Order: "Amount to pay",
		Card: "Card", Account: "Bank account", EMoney: "E-money", With: "Pay with",
		Number: "Card number", NumberHint: "The long number on your card.", AccountNumber: "Number of the account or purse",
		Institution: "Code of the bank or issuer", InstitutionHint: "For example 088",
		Expiry: "Expiry date", ExpiryHint: "Month and year, for example 09/27", Verification: "Security code (CVC)",
		VerificationHint: "The three digits on the back of your card, or four on the front.",
		Months:           "Instalments", LumpSum: "Pay at once", MonthsUnit: " months",
		Methods: "How to confirm that it is you", MethodsHint: "For this amount you confirm first that the card or account is yours.",
		ByAmount: "The amount in a message", ByAmountHint: "A small amount is approved, and you type the amount that your card company tells you. The approval is cancelled at once.",
		ByDescriptor: "The code in a message", ByDescriptorHint: "You type the four digits in the shop's name in the approval message.",
		ByDeposits: "Two deposits", ByDepositsHint: "Two small amounts are paid into your account, and you type both.",
		Pay: "Pay", Cancel: "Do not pay", CancelButton: "Back to the shop", CancelHint: "You go back to the shop, and nothing is paid.",
		BadNumber: "Please check the card number.", BadExpiry: "Please enter the expiry date as 09/27.",
		BadVerification: "The security code has three or four digits.", BadForm: "What you entered could not be read. Please enter it again.",
		NoRoute:          "This number is not taken here. Please pay with something else.",
		NotAuthenticated: "It was not confirmed that it is you, and nothing was paid. You can try again, or pay with something else.",
		Unavailable:      "This does not work at the moment, and nothing was paid. Please try again a little later.",
		Remember:         "Skip the confirmation next time", RememberHint: "When you pay this shop with this card again, you only enter the expiry date. You can end this at any time.",
		Known: "Pay with the card that you registered", KnownHint: "Enter its expiry date, and you need not confirm again.",
		Forget: "End the registration of this card", ForgetButton: "End it", ForgetHint: "You confirm again from your next payment on.",
	}
}
